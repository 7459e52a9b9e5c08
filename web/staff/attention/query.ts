import { z } from 'zod';
import { type AttentionKind, attentionKinds, recordKinds } from '../../../domain/attention.ts';
import type { AttentionQuery } from '../../../store/recordAttention.ts';
import { recordTrail } from '../trail.ts';

const schema = z.object({
  instance: z.string().max(40).catch(''),
  location: z.string().max(200).catch(''),
  kind: z
    .enum(attentionKinds)
    .or(z.literal('').transform(() => undefined))
    .optional()
    .catch(undefined),
  after: z.string().max(40).optional().catch(undefined),
  trail: recordTrail,
});

/** The filters of the list. They are part of the URL, so nothing in them is about a patient. */
export type AttentionFilters = z.infer<typeof schema>;

export function parseAttentionFilters(query: unknown): AttentionFilters {
  return schema.parse(query);
}

/** Returns the query string of the filters, without the position in the list; of another kind if it is given. */
export function filtersQuery(
  { instance, location, kind }: AttentionFilters,
  other: AttentionKind | null | undefined = kind,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ kind: other, instance, location }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** Returns the query for the store, or null if the chosen kind has no records. `instances` are those that are shown. */
export function recordQuery({ kind, location }: AttentionFilters, instances: readonly string[]): AttentionQuery | null {
  const kinds = recordKinds.filter((one) => kind === undefined || one === kind);
  return kinds.length === 0 ? null : { instances, kinds, ...(location === '' ? {} : { location }) };
}
