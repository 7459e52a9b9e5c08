import { z } from 'zod';
import { consentStates } from '../../../domain/consent.ts';
import { referralStatuses } from '../../../domain/referral.ts';
import type { ReferralQuery } from '../../../store/referralLists.ts';
import { recordTrail } from '../trail.ts';

export const orders = ['changed', 'discharge', 'destination', 'facility'] as const;

const schema = z.object({
  instance: z.string().max(40).catch(''),
  facility: z.string().max(200).catch(''),
  status: z.enum(referralStatuses).optional().catch(undefined),
  consent: z.enum(consentStates).optional().catch(undefined),
  /** Only the referral of this record, in an export. */
  recordId: z.string().max(40).catch(''),
  sort: z.enum(orders).catch('changed'),
  after: z.string().max(40).optional().catch(undefined),
  trail: recordTrail,
});

/** The filters and the order of the list. They are part of the URL, so nothing in them is about a patient. */
export type ReferralFilters = z.infer<typeof schema>;

/** The list, whose filters and order are saved with the account. */
export const referralsList = {
  path: '/referrals',
  fields: ['instance', 'facility', 'status', 'consent', 'sort'],
} as const;

export function parseReferralFilters(query: unknown): ReferralFilters {
  return schema.parse(query ?? {});
}

/** Returns the query string of the filters, without the position in the list. */
export function filtersQuery({
  instance,
  facility,
  status,
  consent,
  recordId,
  sort,
}: ReferralFilters): Record<string, string> {
  const parts = { instance, facility, status, consent, recordId, sort: sort === 'changed' ? '' : sort };
  return Object.fromEntries(Object.entries(parts).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Returns the query for the store, limited to the instances the user may see. */
export function referralQuery(
  { instance, facility, status, consent, recordId }: ReferralFilters,
  visible: readonly string[],
  todayOf: (instance: string) => string,
): ReferralQuery {
  return {
    instances: instance === '' ? visible : visible.filter((name) => name === instance),
    ...(facility === '' ? {} : { facility }),
    ...(status === undefined ? {} : { status }),
    ...(consent === undefined ? {} : { consent: { state: consent, todayOf } }),
    ...(recordId === '' ? {} : { record: recordId }),
  };
}
