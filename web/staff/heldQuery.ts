import { z } from 'zod';
import { holdReasons } from '../../domain/lock.ts';
import { DAY_MS } from '../../domain/time.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { type HeldQuery, heldOrderNames } from '../../store/recordLists.ts';
import { recordTrail } from './trail.ts';

const ages = ['day', 'week', 'longer'] as const;
const blank = z.literal('').transform(() => undefined);

const schema = z.object({
  instance: z.string().max(40).catch(''),
  location: z.string().max(200).catch(''),
  level: z.string().max(200).catch(''),
  reason: z.enum(holdReasons).or(blank).optional().catch(undefined),
  age: z.enum(ages).or(blank).optional().catch(undefined),
  sort: z.enum(heldOrderNames).catch('discharge'),
  after: z.string().max(40).optional().catch(undefined),
  trail: recordTrail,
  /** What the list says after a redirect. */
  say: z.enum(['none', 'expired']).optional().catch(undefined),
  /** Checks every box, without a script. */
  all: z.literal('1').optional().catch(undefined),
});

/** The filters of the list. They are part of the URL, so nothing in them is about a patient. */
export type HeldFilters = z.infer<typeof schema>;

/** The list, whose filters and order are saved with the account. */
export const heldList = {
  path: '/held',
  fields: ['instance', 'location', 'level', 'reason', 'age', 'sort'],
} as const;

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

/** Returns true when the record is locked and matches the query. */
export function matchesHeld(query: HeldQuery, { instance, chart, hold }: RecordDocument): boolean {
  const { instances, location, level, reason, heldBefore, heldAfter } = query;
  return (
    hold !== null &&
    instances.includes(instance) &&
    (location === undefined || chart?.locationName === location) &&
    (level === undefined || chart?.levelOfCare === level) &&
    (reason === undefined || hold.reason === reason) &&
    (heldBefore === undefined || hold.since <= heldBefore) &&
    (heldAfter === undefined || hold.since > heldAfter)
  );
}
