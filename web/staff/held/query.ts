import { z } from 'zod';
import { holdReasons } from '../../../domain/lock.ts';
import type { HeldQuery } from '../../../store/recordLists.ts';

const DAY_MS = 86_400_000;
export const ages = ['day', 'week', 'longer'] as const;

const blank = z.literal('').transform(() => undefined);

const schema = z.object({
  instance: z.string().max(40).catch(''),
  location: z.string().max(200).catch(''),
  reason: z.enum(holdReasons).or(blank).optional().catch(undefined),
  age: z.enum(ages).or(blank).optional().catch(undefined),
  after: z.string().max(40).optional().catch(undefined),
  /** Ticks every box, where no script does. */
  all: z.literal('1').optional().catch(undefined),
});

/** What of the holds somebody asks for. Nothing in it is about a patient: it stands in the address. */
export type HeldFilters = z.infer<typeof schema>;

export function parseHeldFilters(query: unknown): HeldFilters {
  return schema.parse(query);
}

/** The address's part for it, without the place in the list. */
export function filtersQuery({ instance, location, reason, age }: HeldFilters): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ instance, location, reason, age }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** The store's query, among the instances that the person may see. */
export function heldQuery(asked: HeldFilters, visible: readonly string[], now: Date): HeldQuery {
  const { instance, location, reason, age } = asked;
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  return {
    instances: instance === '' ? visible : visible.filter((name) => name === instance),
    ...(location === '' ? {} : { location }),
    ...(reason === undefined ? {} : { reason }),
    ...(age === 'day' || age === 'week' ? { heldAfter: ago(age === 'day' ? 1 : 7) } : {}),
    ...(age === 'week' || age === 'longer' ? { heldBefore: ago(age === 'week' ? 1 : 7) } : {}),
  };
}
