import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordState } from '../store/recordHolds.ts';
import type { ReferralOfRecord } from './recordView.ts';

/** What came of unlocking one of many. `waiting`: nobody has read its chart yet. */
export const unlockResults = ['referral', 'noDestination', 'notReady', 'ignored', 'void', 'failed', 'waiting'] as const;
export type UnlockResult = (typeof unlockResults)[number];

export interface UnlockedRecord {
  record: string;
  instance: string;
  result: UnlockResult;
  /** Of the referral; null where there is none. */
  destination: string | null;
  /** Why it failed; null otherwise. */
  failure: string | null;
}

/** What came of all. `ok` is false where somebody still has to do something about one. */
export interface BulkUnlockSummary extends Record<UnlockResult, number> {
  ok: boolean;
  asked: number;
  records: UnlockedRecord[];
}

/** Sums up what came of unlocking these records. One that the store does not know any more counts as waiting. */
export function summarizeUnlocks(
  asked: readonly { _id: string; instance: string }[],
  states: readonly RecordState[],
  referrals: ReadonlyMap<string, ReferralOfRecord>,
): BulkUnlockSummary {
  const now = new Map(states.map((record) => [record._id, record]));
  const records = asked.map(({ _id, instance }): UnlockedRecord => {
    const record = now.get(_id);
    const referral = referrals.get(_id);
    const open = referral?.status === 'open' ? referral : null;
    return {
      record: _id,
      instance,
      result: record === undefined ? 'waiting' : endOf(record, open !== null),
      destination: open?.destination ?? null,
      failure: record?.status === 'failed' ? (record.failure?.text ?? null) : null,
    };
  });
  const count = (end: UnlockResult) => records.filter((record) => record.result === end).length;
  const [failed, waiting] = [count('failed'), count('waiting')];
  return {
    ok: failed === 0 && waiting === 0,
    asked: asked.length,
    ...{ referral: count('referral'), noDestination: count('noDestination'), notReady: count('notReady') },
    ...{ ignored: count('ignored'), void: count('void'), failed, waiting },
    records,
  };
}

function endOf({ status }: RecordState, referred: boolean): UnlockResult {
  if (isWaiting(status)) return 'waiting';
  if (status === 'synced') return referred ? 'referral' : 'noDestination';
  return status;
}

function isWaiting(status: RecordState['status']): status is 'held' | 'unlocked' | 'new' {
  return status === 'held' || status === 'unlocked' || status === 'new';
}

/** What is needed of the store, so that a test can do without one. */
export interface RecordStatesStore {
  records: { states(recordIds: readonly string[]): Promise<RecordState[]> };
}

/**
 * Waits until all these records are neither held nor merely unlocked, or until none of them moved for `stallMs`; gives how
 * they stand then. `onProgress` is told at each look how many are done.
 */
export async function waitForUnlocks(
  store: RecordStatesStore,
  recordIds: readonly string[],
  onProgress: (done: number) => void,
  { stallMs, pollMs = 300, signal }: { stallMs: number; pollMs?: number; signal?: AbortSignal },
): Promise<RecordState[]> {
  const known = new Map<string, RecordState>();
  let waiting = [...recordIds];
  for (let movedAt = Date.now(); ; ) {
    let moved = false;
    for (const record of await store.records.states(waiting)) {
      moved ||= known.get(record._id)?.status !== record.status;
      known.set(record._id, record);
    }
    if (moved) movedAt = Date.now();
    waiting = [...known.values()].filter(({ status }) => isWaiting(status)).map(({ _id }) => _id);
    onProgress(known.size - waiting.length);
    if (waiting.length === 0 || Date.now() - movedAt >= stallMs) return [...known.values()];
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** Does some work for each, a few at once. */
export async function forEachConcurrently<T>(
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
