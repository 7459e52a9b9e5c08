import { z } from 'zod';
import { isDay } from '../../../domain/calendar.ts';
import { type Discharge, dischargeClass, dischargeClasses } from '../../../domain/day.ts';
import { address } from '../../ui/parts.tsx';

const schema = z.object({
  on: z.string().refine(isDay).optional().catch(undefined),
  instance: z.string().max(40).catch(''),
  /** Lists the patients of this location; `NO_LOCATION` for those without one. */
  location: z.string().max(200).catch(''),
  /** Lists the patients of this class. */
  list: z
    .enum([...dischargeClasses, 'all', 'destination'])
    .optional()
    .catch(undefined),
  days: z.enum(['30', '90']).catch('30'),
});

/** What the page shows. It is part of the URL, so nothing in it is about a patient. */
export type DayFilters = z.infer<typeof schema>;

/** What stands for charts without a location in the URL. */
export const NO_LOCATION = '-';

export function parseDayFilters(query: unknown): DayFilters {
  return schema.parse(query);
}

/** Returns the address of the page with these changes. The list of patients is left out unless it is among them. */
export function dayAddress(
  { on, instance, days }: Pick<DayFilters, 'on' | 'instance' | 'days'>,
  change: Partial<Record<keyof DayFilters, string>> = {},
): string {
  const all = { on, instance, ...(days === '30' ? {} : { days }), ...change };
  return address(
    '/day',
    new URLSearchParams(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : []))),
  );
}

/** Returns the discharges that the page lists by name; none unless a list is chosen. */
export function listedOf({ list, location }: DayFilters, discharges: readonly Discharge[]): Discharge[] {
  if (list === undefined) return [];
  return discharges.filter(
    (one) =>
      (location === '' || (one.location ?? NO_LOCATION) === location) &&
      (list === 'all' || (list === 'destination' ? one.destination !== '' : dischargeClass(one) === list)),
  );
}
