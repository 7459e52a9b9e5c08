import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordStanding } from '../store/recordHolds.ts';
import type { ReferralOfRecord } from './recordView.ts';

/** What came of unlocking one of many. `waiting`: nobody has read its chart yet. */
export const unlockEnds = ['referral', 'noDestination', 'notReady', 'ignored', 'void', 'failed', 'waiting'] as const;
export type UnlockEnd = (typeof unlockEnds)[number];

export interface UnlockedRecord {
  record: string;
  instance: string;
  end: UnlockEnd;
  /** Of the referral; null where there is none. */
  destination: string | null;
  /** Why it failed; null otherwise. */
  failure: string | null;
}

/** What came of all. `ok` is false where somebody still has to do something about one. */
export interface BulkOutcome extends Record<UnlockEnd, number> {
  ok: boolean;
  asked: number;
  records: UnlockedRecord[];
}

/** Sums up what came of unlocking these records. One that the store does not know any more counts as waiting. */
export function bulkOutcome(
  asked: readonly { _id: string; instance: string }[],
  standings: readonly RecordStanding[],
  referrals: ReadonlyMap<string, ReferralOfRecord>,
): BulkOutcome {
  const now = new Map(standings.map((standing) => [standing._id, standing]));
  const records = asked.map(({ _id, instance }): UnlockedRecord => {
    const standing = now.get(_id);
    const referral = referrals.get(_id);
    const open = referral?.status === 'open' ? referral : null;
    return {
      record: _id,
      instance,
      end: standing === undefined ? 'waiting' : endOf(standing, open !== null),
      destination: open?.destination ?? null,
      failure: standing?.status === 'failed' ? (standing.failure?.text ?? null) : null,
    };
  });
  const count = (end: UnlockEnd) => records.filter((record) => record.end === end).length;
  const [failed, waiting] = [count('failed'), count('waiting')];
  return {
    ok: failed === 0 && waiting === 0,
    asked: asked.length,
    ...{ referral: count('referral'), noDestination: count('noDestination'), notReady: count('notReady') },
    ...{ ignored: count('ignored'), void: count('void'), failed, waiting },
    records,
  };
}

function endOf({ status }: RecordStanding, referred: boolean): UnlockEnd {
  if (isWaiting(status)) return 'waiting';
  if (status === 'synced') return referred ? 'referral' : 'noDestination';
  return status;
}

function isWaiting(status: RecordStanding['status']): status is 'held' | 'unlocked' | 'new' {
  return status === 'held' || status === 'unlocked' || status === 'new';
}

/** What is needed of the store, so that a test can do without one. */
export interface StandingsOfStore {
  records: { standings(recordIds: readonly string[]): Promise<RecordStanding[]> };
}

/**
 * Waits until all these records are neither held nor merely unlocked, or until none of them moved for `stallMs`; gives how
 * they stand then. `onProgress` is told at each look how many are done.
 */
export async function waitForUnlocks(
  store: StandingsOfStore,
  recordIds: readonly string[],
  onProgress: (done: number) => void,
  { stallMs, pollMs = 300, signal }: { stallMs: number; pollMs?: number; signal?: AbortSignal },
): Promise<RecordStanding[]> {
  const known = new Map<string, RecordStanding>();
  let waiting = [...recordIds];
  for (let movedAt = Date.now(); ; ) {
    let moved = false;
    for (const standing of await store.records.standings(waiting)) {
      moved ||= known.get(standing._id)?.status !== standing.status;
      known.set(standing._id, standing);
    }
    if (moved) movedAt = Date.now();
    waiting = [...known.values()].filter(({ status }) => isWaiting(status)).map(({ _id }) => _id);
    onProgress(known.size - waiting.length);
    if (waiting.length === 0 || Date.now() - movedAt >= stallMs) return [...known.values()];
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** Does some work for each, a few at once. */
export async function eachOf<T>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const left = [...things].reverse();
  const hand = async () => {
    for (let thing = left.pop(); thing !== undefined; thing = left.pop()) await work(thing);
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}
