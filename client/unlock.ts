import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Store } from '../store/connect.ts';
import type { RecordState } from '../store/recordHolds.ts';
import { patientStart, unlockSignal } from '../workflows/messages.ts';
import type { Viewer } from './audit.ts';
import { withDeadline } from './connect.ts';
import type { ReferralOfRecord } from './recordViews.ts';

/** What an unlock is requested with. */
interface UnlockParts {
  store: Pick<Store, 'auditEvents' | 'unlockRequests'>;
  client: Client;
  taskQueue: string;
}

/** Who requests an unlock, and why. `name` is shown beside the account, and not verified. */
export interface UnlockPerson {
  viewer: Viewer;
  name: string | null;
  why: string | null;
}

/**
 * Requests that a record be unlocked: stores the request, signals its ticket to the record's workflow, and audits it. Where
 * the workflow is gone (terminated, or Temporal's data lost) this starts another. `sent` is false where Temporal did not
 * accept the signal. Throws, and signals nothing, where MongoDB does not store the request.
 */
export async function requestUnlock(
  { store, client, taskQueue }: UnlockParts,
  record: { _id: string; instance: string },
  { viewer, name, why }: UnlockPerson,
): Promise<{ ticket: string; sent: boolean }> {
  const { _id, instance } = record;
  const { who: account, from } = viewer;
  // The time before it is sent: in the audit a request comes before the unlock.
  const at = new Date();
  const ticket = await store.unlockRequests.add({ record: _id, instance, account, name, from, why, at });
  const sent = await withDeadline(client, () =>
    client.workflow.signalWithStart('patientWorkflow', {
      ...patientStart(record, taskQueue),
      signal: unlockSignal,
      signalArgs: [{ ticket }],
    }),
  ).then(
    () => true,
    () => false,
  );
  await store.auditEvents.add({
    ...{ _id: `unlock-requested/${ticket}`, at, ...viewer, what: 'unlock-requested', instance, record: _id, why },
    ...(name === null ? {} : { name }),
    outcome: sent ? 'sent' : 'not sent: Temporal does not answer',
  });
  return { ticket, sent };
}

/** The result for one record of a bulk unlock. `waiting`: its chart is not read yet. */
export type UnlockResult = 'referral' | 'noDestination' | 'notReady' | 'ignored' | 'void' | 'failed' | 'waiting';

interface UnlockedRecord {
  record: string;
  instance: string;
  result: UnlockResult;
  /** The destination of its referral; null where there is none. */
  destination: string | null;
  /** Why it failed; null otherwise. */
  failure: string | null;
}

/** The results of a bulk unlock. `ok` is false where a person still has to act. */
export interface BulkUnlockSummary extends Record<UnlockResult, number> {
  ok: boolean;
  asked: number;
  records: UnlockedRecord[];
}

/** Summarizes what unlocking these records led to. One that is no longer in the store counts as waiting. */
export function summarizeUnlocks(
  asked: readonly { _id: string; instance: string }[],
  states: readonly RecordState[],
  referrals: ReadonlyMap<string, ReferralOfRecord>,
): BulkUnlockSummary {
  const current = new Map(states.map((record) => [record._id, record]));
  const records = asked.map(({ _id, instance }): UnlockedRecord => {
    const record = current.get(_id);
    const referral = referrals.get(_id);
    const open = referral?.status === 'open' ? referral : null;
    return {
      record: _id,
      instance,
      result: record === undefined ? 'waiting' : resultOf(record, open !== null),
      destination: open?.destination ?? null,
      failure: record?.status === 'failed' ? (record.failure?.text ?? null) : null,
    };
  });
  const count = (result: UnlockResult) => records.filter((record) => record.result === result).length;
  const [failed, waiting] = [count('failed'), count('waiting')];
  return {
    ok: failed === 0 && waiting === 0,
    asked: asked.length,
    ...{ referral: count('referral'), noDestination: count('noDestination'), notReady: count('notReady') },
    ...{ ignored: count('ignored'), void: count('void'), failed, waiting },
    records,
  };
}

function resultOf({ status }: RecordState, referred: boolean): UnlockResult {
  if (isWaiting(status)) return 'waiting';
  if (status === 'synced') return referred ? 'referral' : 'noDestination';
  return status;
}

function isWaiting(status: RecordState['status']): status is 'held' | 'unlocked' | 'new' {
  return status === 'held' || status === 'unlocked' || status === 'new';
}

/** The part of the store that is used. */
export interface RecordStatesStore {
  records: { states(recordIds: readonly string[]): Promise<RecordState[]> };
}

/**
 * Polls these records until the chart of each was read after its unlock, or until no status changed for `stallMs`. Returns
 * their states. Calls `onProgress` at each poll with how many are done.
 */
export async function waitForUnlocks(
  store: RecordStatesStore,
  recordIds: readonly string[],
  onProgress: (done: number) => void,
  { stallMs, pollMs = 300, signal }: { stallMs: number; pollMs?: number; signal?: AbortSignal },
): Promise<RecordState[]> {
  const known = new Map<string, RecordState>();
  let waiting = [...recordIds];
  for (let changedAt = Date.now(); ; ) {
    let changed = false;
    for (const record of await store.records.states(waiting)) {
      changed ||= known.get(record._id)?.status !== record.status;
      known.set(record._id, record);
    }
    if (changed) changedAt = Date.now();
    waiting = [...known.values()].filter(({ status }) => isWaiting(status)).map(({ _id }) => _id);
    onProgress(known.size - waiting.length);
    if (waiting.length === 0 || Date.now() - changedAt >= stallMs) return [...known.values()];
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** Runs `work` for each item, at most `limit` at the same time. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items].reverse();
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
