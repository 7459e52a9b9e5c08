import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { confirmation, syncOutcomes } from '../domain/syncRequest.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import { audit, type Viewer } from './audit.ts';
import { withDeadline } from './connect.ts';
import { describeSchedule } from './schedules.ts';

const PAUSE_MS = 3_000;
/** Nobody waits longer for a result. */
const LONGEST_MS = DAY_MS;

export interface ConfirmSyncOptions {
  client: Client;
  store: Pick<Store, 'auditEvents'>;
  viewer: Viewer;
  now: () => Date;
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Finds out whether a run started after a request that Temporal did not confirm, and audits it. Returns when it is known, after a
 * day, or when the signal aborts.
 */
export async function confirmSync(
  instance: string,
  requestedAt: Date,
  { client, store, viewer, now, pause = (ms, abort) => sleep(ms, undefined, { signal: abort }) }: ConfirmSyncOptions,
  signal: AbortSignal,
): Promise<void> {
  let answeringSince: Date | null = null;
  while (!signal.aborted && now().getTime() - requestedAt.getTime() < LONGEST_MS) {
    // Pausing first: Temporal has just not answered.
    await pause(PAUSE_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const answer = await withDeadline(client, () => describeSchedule(client, instance)).catch(() => undefined);
    answeringSince = answer === undefined ? null : (answeringSince ?? now());
    // Without a schedule no run can start.
    const known = answer === null ? { lastRunAt: null, runningNow: 0 } : (answer ?? null);
    const result = confirmation(requestedAt, known, answeringSince, now());
    if (result === 'unknown') continue;
    const outcome = result === 'started' ? syncOutcomes.started : syncOutcomes.notStarted;
    const event = { ...viewer, what: 'sync-requested' as const, instance, record: null, why: null, outcome };
    try {
      return await audit(store, { at: now(), ...event });
    } catch {
      // MongoDB is away too: it is audited in a later turn.
    }
  }
}
