import { cleanDestination } from '../domain/destination.ts';
import { type HoldReason, holdWords } from '../domain/lock.ts';
import type { RecordDocument, RecordStatus } from '../store/documents.ts';
import { localDates } from './localDates.ts';

/** A held record in a list. */
export interface HoldView {
  record: string;
  instance: string;
  casefileId: string;
  status: RecordStatus;
  reason: HoldReason;
  /** The reason, for the person who can mend it. */
  words: string;
  since: Date;
  ageHours: number;
  reminders: number;
  /** Changes that KIPU listed since the hold began. */
  changesWaiting: number;
  /** As the clocks of its location show it. */
  dischargeDate: string | null;
  /** Whether the chart named a destination when it was last read: an unlock is then likely to make a referral. */
  destinationKnown: boolean;
}

/** The hold of a record; null for one that is not held. */
export function holdView(record: RecordDocument, now: Date): HoldView | null {
  const { _id, instance, casefileId, status, hold, chart } = record;
  if (hold === null) return null;
  return {
    record: _id,
    instance,
    casefileId,
    status,
    reason: hold.reason,
    words: holdWords(hold.reason, chart?.locationName ?? null),
    since: hold.since,
    ageHours: Math.max(0, Math.floor((now.getTime() - hold.since.getTime()) / 3_600_000)),
    reminders: hold.reminders,
    changesWaiting: hold.changesWaiting,
    dischargeDate: localDates(record).discharge,
    destinationKnown: cleanDestination(chart?.destination ?? null) !== '',
  };
}
