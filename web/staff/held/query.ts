import { z } from 'zod';
import { holdReasons } from '../../../domain/lock.ts';
import { DAY_MS } from '../../../domain/time.ts';
import type { HeldQuery } from '../../../store/recordLists.ts';

const ages = ['day', 'week', 'longer'] as const;

const blank = z.literal('').transform(() => undefined);

const schema = z.object({
  instance: z.string().max(40).catch(''),
  location: z.string().max(200).catch(''),
  reason: z.enum(holdReasons).or(blank).optional().catch(undefined),
  age: z.enum(ages).or(blank).optional().catch(undefined),
  after: z.string().max(40).optional().catch(undefined),
  /** What the list says after a redirect. */
  say: z.enum(['none', 'expired']).optional().catch(undefined),
  /** Checks every box, without a script. */
  all: z.literal('1').optional().catch(undefined),
});

/** The filters of the list. They are part of the URL, so nothing in them is about a patient. */
export type HeldFilters = z.infer<typeof schema>;

export function parseHeldFilters(query: unknown): HeldFilters {
  return schema.parse(query);
}

/** Returns the query string of the filters, without the position in the list. */
export function filtersQuery({ instance, location, reason, age }: HeldFilters): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ instance, location, reason, age }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** Returns the query for the store, limited to the instances the user may see. */
export function heldQuery(filters: HeldFilters, visible: readonly string[], now: Date): HeldQuery {
  const { instance, location, reason, age } = filters;
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  return {
    instances: instance === '' ? visible : visible.filter((name) => name === instance),
    ...(location === '' ? {} : { location }),
    ...(reason === undefined ? {} : { reason }),
    ...(age === 'day' || age === 'week' ? { heldAfter: ago(age === 'day' ? 1 : 7) } : {}),
    ...(age === 'week' || age === 'longer' ? { heldBefore: ago(age === 'week' ? 1 : 7) } : {}),
  };
}
