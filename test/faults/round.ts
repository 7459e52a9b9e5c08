import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordDocument } from '../../store/documents.ts';
import { act, type Done, nothingDone } from './act.ts';
import type { Cluster } from './cluster.ts';
import { inject } from './inject.ts';
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
  charts: number;
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
  { settleMs = 180_000, done = nothingDone() }: { settleMs?: number; done?: Done } = {},
): Promise<RoundResult> {
  const from = Date.now();
  const problems: string[] = [];
  let held: readonly RecordDocument[] = [];
  for (const episode of episodes) {
    held = await heldRecords(cluster);
    await runEpisode(cluster, episode, held, done, (problem) => void problems.push(problem));
  }
  await settle(cluster, done, settleMs);
  const snapshot = await takeSnapshot(cluster, done);
  return {
    faults: episodes.flatMap(({ faults }) => faults),
    sequence: episodes.map(episodeText),
    violations: [
      ...problems.map((text) => ({ invariant: 'a process that gets SIGTERM ends with 0', text })),
      ...violationsOf(snapshot),
    ],
    seconds: Math.round((Date.now() - from) / 1_000),
    charts: snapshot.charts.length,
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
  report: (problem: string) => void,
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
    for (const kind of faults) ends.push(await inject(cluster, kind, report));
    // The time in which the faults last: actions are spread over it.
    for (const action of during) {
      act(cluster, action, held, done);
      await sleep(forMs / Math.max(during.length, 1));
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
