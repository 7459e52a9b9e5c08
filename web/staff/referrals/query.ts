import { z } from 'zod';
import type { ReferralQuery } from '../../../store/referralLists.ts';

export const orders = ['changed', 'discharge', 'destination', 'facility'] as const;
export const statuses = ['open', 'withdrawn', 'void'] as const;

const schema = z.object({
  instance: z.string().max(40).catch(''),
  facility: z.string().max(200).catch(''),
  status: z.enum(statuses).optional().catch(undefined),
  sort: z.enum(orders).catch('changed'),
  after: z.string().max(40).optional().catch(undefined),
});

/** Which referrals somebody asks for. Nothing in it is about a patient: it stands in the address. */
export type ReferralFilters = z.infer<typeof schema>;

export function parseReferralFilters(query: unknown): ReferralFilters {
  return schema.parse(query ?? {});
}

/** The address's part for it, without the place in the list. */
export function filtersQuery({ instance, facility, status, sort }: ReferralFilters): Record<string, string> {
  const parts = { instance, facility, status, sort: sort === 'changed' ? '' : sort };
  return Object.fromEntries(Object.entries(parts).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** The store's query, among the instances that the person may see. */
export function referralQuery(
  { instance, facility, status }: ReferralFilters,
  visible: readonly string[],
): ReferralQuery {
  return {
    instances: instance === '' ? visible : visible.filter((name) => name === instance),
    ...(facility === '' ? {} : { facility }),
    ...(status === undefined ? {} : { status }),
  };
}
