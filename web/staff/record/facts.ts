import type { AuditDocument } from '../../../store/accessDocuments.ts';
import type { DeliveryDocument, RecordDocument, ReferralDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../options.ts';

const DELIVERIES = 20;
const EVENTS = 200;
/** An unlock that was sent so long ago, and is not applied, waits for a worker that is not there. */
const SOON_MS = 60_000;

/** One stay: what its page shows. */
export interface RecordDetails {
  record: RecordDocument;
  referral: ReferralDocument | null;
  deliveries: DeliveryDocument[];
  /** The newest first. */
  audit: AuditDocument[];
  /**
   * What may change by itself next: `none` when nothing does; `asked`: an unlock is on its way; `stuck`: it was on its way
   * for too long.
   */
  moves: 'none' | 'held' | 'asked' | 'stuck' | 'unlocked';
}

export async function readRecordDetails({ store, now }: StaffContext, record: RecordDocument): Promise<RecordDetails> {
  const [referral, deliveries, audit] = await Promise.all([
    store.referrals.get(record._id),
    store.deliveries.ofChart(record.instance, record.casefileId, DELIVERIES),
    store.auditEvents.latestOf(record._id, EVENTS),
  ]);
  return { record, referral, deliveries, audit, moves: movesOf(record, audit, now()) };
}

export function movesOf(record: RecordDocument, audit: readonly AuditDocument[], now: Date): RecordDetails['moves'] {
  if (record.status === 'unlocked') return 'unlocked';
  const { hold } = record;
  if (hold === null) return 'none';
  const asked = audit.find(
    ({ what, outcome, at }) => what === 'unlock-requested' && outcome === 'sent' && at >= hold.since,
  );
  if (asked === undefined) return 'held';
  return now.getTime() - asked.at.getTime() <= SOON_MS ? 'asked' : 'stuck';
}
