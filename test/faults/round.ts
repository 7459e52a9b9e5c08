import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordDocument } from '../../store/documents.ts';
import { act, type Done } from './act.ts';
import type { Cluster } from './cluster.ts';
import { inject, type Stopped } from './inject.ts';
import { type Violation, violationsOf } from './invariants.ts';
import type { FaultKind } from './kinds.ts';
import { type Episode, episodeText } from './plan.ts';
import { heldRecords, settle, takeSnapshot } from './settle.ts';

const POLL_MS = 20;
/** How long a fault waits for calls to KIPU: a run has none where nothing changed. */
const CALLS_MS = 3_000;

/** The result of a round. */
export interface RoundResult {
  faults: FaultKind[];
  sequence: string[];
  violations: Violation[];
  seconds: number;
  /** How long each process took to end after SIGTERM. */
  stopMs: number[];
  charts: number;
  /** Changes of charts so far. */
  edits: number;
  records: number;
  referrals: number;
  held: number;
  runs: number;
  deliveries: number;
  unlocks: { requested: number; sent: number; applied: number };
}

/** Runs the episodes of a round, lets everything settle, and checks the invariants. `done` continues over rounds. */
export async function runRound(
  cluster: Cluster,
  episodes: readonly Episode[],
  { settleMs = 180_000, done }: { settleMs?: number; done: Done },
): Promise<RoundResult> {
  const from = Date.now();
  const stops: Stopped[] = [];
  let held: readonly RecordDocument[] = [];
  for (const episode of episodes) {
    held = await heldRecords(cluster);
    await runEpisode(cluster, episode, held, done, (how) => void stops.push(how));
  }
  await settle(cluster, done, settleMs);
  const snapshot = await takeSnapshot(cluster, done);
  return {
    faults: episodes.flatMap(({ faults }) => faults),
    sequence: episodes.map(episodeText),
    violations: [
      ...stops
        .filter(({ code }) => code !== 0)

        .map(({ code }) => ({
          invariant: 'a process that gets SIGTERM ends with 0',
          text: `it ended with ${code ?? 'SIGKILL after half a minute'}`,
        })),
      ...violationsOf(snapshot),
    ],
    seconds: Math.round((Date.now() - from) / 1_000),
    stopMs: stops.map(({ ms }) => ms),
    charts: snapshot.charts.length,
    edits: done.edits,
    records: snapshot.records.length,
    referrals: snapshot.referrals.length,
    held: snapshot.records.filter(({ hold }) => hold !== null).length,
    runs: snapshot.runs.length,
    deliveries: snapshot.accepted.reduce((sum, { count }) => sum + count, 0),
    unlocks: {
      requested: done.unlocks,
      sent: done.sentTickets.length,
      applied: snapshot.unlockRequests.filter(({ applied }) => applied !== null).length,
    },
  };
}

async function runEpisode(
  cluster: Cluster,
  { faults, before, during, afterCalls, forMs }: Episode,
  held: readonly RecordDocument[],
  done: Done,
  stopped: (how: Stopped) => void,
): Promise<void> {
  const { workers, web, standIn } = cluster;
  const { calls } = standIn;
  await Promise.all([...workers, web].map((part) => part.ready()));
  const known = calls.count();
  for (const action of before) act(cluster, action, held, done);
  for (const end = Date.now() + CALLS_MS; calls.count() < known + afterCalls && Date.now() < end; )
    await sleep(POLL_MS);
  const ends: (() => Promise<void>)[] = [];
  try {
    for (const kind of faults) ends.push(await inject(cluster, kind, stopped));
    // The time in which the faults last: actions are spread over it.
    for (const action of during) {
      act(cluster, action, held, done);
      await sleep(forMs / Math.max(during.length, 1));
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
