import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordDocument, ReferralDocument } from '../store/documents.ts';
import type { ReferralOfRecord } from './recordView.ts';

/** Why a record can't be unlocked now, in words for whoever asked; null when it is held. */
export function whyNotHeld(record: RecordDocument | null): string | null {
  if (record === null) return 'there is no such record';
  if (record.hold !== null) return null;
  const { unlocked } = record;
  if (unlocked === null) return `it is not held: its status is ${record.status}`;
  return `it was unlocked before, by ${unlocked.by} on ${unlocked.at.toISOString().slice(0, 10)}`;
}

/** What came of an unlock, in words; `ok` is false where somebody still has to do something about it. */
export function unlockResultText(
  record: RecordDocument,
  referral: ReferralOfRecord | null,
): { ok: boolean; text: string } {
  switch (record.status) {
    case 'held':
      return { ok: false, text: 'The unlock is sent, but no worker has applied it yet: does one run?' };
    case 'unlocked':
      return { ok: false, text: 'It is unlocked, but its chart is not read yet. Look again soon, or at the runs.' };
    case 'failed':
      return { ok: false, text: `It is unlocked, but reading its chart failed: ${record.failure?.text ?? 'unknown'}` };
    case 'notReady':
      return { ok: true, text: `It is unlocked. The chart lacks ${record.missing.join(', ')}: no referral yet.` };
    case 'ignored':
      return { ok: true, text: 'It is unlocked. The chart is a placeholder, and is ignored.' };
    case 'void':
      return { ok: true, text: 'Its chart was deleted in KIPU: there is nothing to refer.' };
    default:
      return { ok: true, text: `It is unlocked. ${referralText(referral)}` };
  }
}

function referralText(referral: ReferralOfRecord | null): string {
  if (referral === null) return 'The chart names no destination to refer to: no referral.';
  if (referral.status !== 'open') return `Its referral is ${referral.status}.`;
  return `Referral to ${referral.destination} (revision ${referral.revision}).`;
}

/** What is needed of the store, so that a test can do without one. */
export interface RecordReader {
  records: { get(recordId: string): Promise<RecordDocument | null> };
  referrals: { get(recordId: string): Promise<ReferralDocument | null> };
}

/** Waits until the record is neither held nor merely unlocked, or the time is up; gives it and its referral as they are then. */
export async function waitForUnlock(
  store: RecordReader,
  recordId: string,
  { withinMs, pollMs = 200, signal }: { withinMs: number; pollMs?: number; signal?: AbortSignal },
): Promise<{ record: RecordDocument | null; referral: ReferralDocument | null }> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const record = await store.records.get(recordId);
    const waits = record !== null && (record.status === 'held' || record.status === 'unlocked');
    if (!waits || Date.now() >= deadline) return { record, referral: await store.referrals.get(recordId) };
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}
