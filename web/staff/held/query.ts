import { z } from 'zod';
import { holdReasons } from '../../../domain/lock.ts';
import { DAY_MS } from '../../../domain/time.ts';
import { type HeldQuery, heldOrderNames } from '../../../store/recordLists.ts';

const ages = ['day', 'week', 'longer'] as const;
/** The most pages that an address remembers, so that it stays short. */
const MAX_TRAIL = 40;

const blank = z.literal('').transform(() => undefined);

const schema = z.object({
  instance: z.string().max(40).catch(''),
  location: z.string().max(200).catch(''),
  level: z.string().max(200).catch(''),
  reason: z.enum(holdReasons).or(blank).optional().catch(undefined),
  age: z.enum(ages).or(blank).optional().catch(undefined),
  sort: z.enum(heldOrderNames).catch('discharge'),
  after: z.string().max(40).optional().catch(undefined),
  /** The last records of the pages before the one before: the way back. */
  trail: z
    .string()
    .max(MAX_TRAIL * 20)
    .catch('')
    .transform((text) => text.split('.').filter((id) => /^r-[a-z0-9]+$/.test(id))),
  /** What the list says after a redirect. */
  say: z.enum(['none', 'expired']).optional().catch(undefined),
  /** Checks every box, without a script. */
  all: z.literal('1').optional().catch(undefined),
});

/** The filters of the list. They are part of the URL, so nothing in them is about a patient. */
export type HeldFilters = z.infer<typeof schema>;

export function parseHeldFilters(query: unknown): HeldFilters {
  return schema.parse(query ?? {});
}

/** Returns the query string of the filters and the order, without the position in the list. */
export function filtersQuery({ instance, location, level, reason, age, sort }: HeldFilters): Record<string, string> {
  const named = { instance, location, level, reason, age, sort: sort === 'discharge' ? '' : sort };
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Returns true when the list shows only a part of all locked records. */
export function isFiltered(filters: HeldFilters): boolean {
  return Object.keys(filtersQuery({ ...filters, sort: 'discharge' })).length > 0;
}

/** Returns the query for the store, limited to the instances the user may see. */
export function heldQuery(filters: HeldFilters, visible: readonly string[], now: Date): HeldQuery {
  const { instance, location, level, reason, age, sort } = filters;
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  return {
    instances: instance === '' ? visible : visible.filter((name) => name === instance),
    order: sort,
    ...(location === '' ? {} : { location }),
    ...(level === '' ? {} : { level }),
    ...(reason === undefined ? {} : { reason }),
    ...(age === 'day' || age === 'week' ? { heldAfter: ago(age === 'day' ? 1 : 7) } : {}),
    ...(age === 'week' || age === 'longer' ? { heldBefore: ago(age === 'week' ? 1 : 7) } : {}),
  };
}
