import { setTimeout as sleep } from 'node:timers/promises';
import type { RunDocument } from '../store/documents.ts';
import type { RunTrouble } from './runWorkflow.ts';

/** The part of the store that is used. */
export interface RunReader {
  runs: { list(filter: { instance?: string }, limit: number): Promise<RunDocument[]> };
}

/** The progress of an instance: `run` is null until its run has started. */
export interface RunProgress {
  instance: string;
  run: RunDocument | null;
  /** The earlier run of the instance that is in progress, after which `run` starts. */
  waitsFor?: RunDocument | null;
  /** Why it makes no progress, where that is known. */
  trouble?: RunTrouble | null;
}

export interface WaitOptions {
  /** How long a run may take to start while no other run of the instance is in progress, in milliseconds. */
  startWithinMs?: number;
  /** Time between two polls, in milliseconds. */
  pollMs?: number;
  /** Ends the wait; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Thrown when a requested run does not start. */
export class NoRunError extends Error {
  override readonly name = 'NoRunError';

  constructor(instance: string, seconds: number) {
    super(
      `No run of ${instance} started within ${seconds} s. Does a worker run, and do its settings name this instance? ` +
        'The command doctor says more.',
    );
  }
}

const LATEST_RUNS = 50;

/** Returns the ids of the instances' latest runs. Read before a run is requested, they tell it from earlier ones. */
export async function knownRuns(store: RunReader, instances: readonly string[]): Promise<Set<string>> {
  const lists = await Promise.all(instances.map((instance) => store.runs.list({ instance }, LATEST_RUNS)));
  return new Set(lists.flat().map((run) => run._id));
}

/**
 * Polls until each instance has ended the first run that is not among the `known` ones, and returns these runs in the
 * instances' order. A known run may still be in progress: the one that follows is waited for. Calls `onProgress` at each
 * poll.
 * @throws NoRunError
 */
export async function waitForRuns(
  store: RunReader,
  known: ReadonlySet<string>,
  instances: readonly string[],
  onProgress: (progress: RunProgress[]) => void | Promise<void> = () => undefined,
  options: WaitOptions = {},
): Promise<RunDocument[]> {
  const { startWithinMs = 60_000, pollMs = 100, signal } = options;
  const idleSince = new Map(instances.map((instance) => [instance, Date.now()]));
  for (;;) {
    const states = await readStates(store, known, instances, signal);
    await onProgress(states.map(({ instance, run, waitsFor }) => ({ instance, run, waitsFor })));
    const runs = states.flatMap(({ run }) => (run === null || run.status === 'running' ? [] : [run]));
    if (runs.length === instances.length) return runs;
    for (const { instance, run, waitsFor } of states) {
      if (run !== null || waitsFor !== null) idleSince.set(instance, Date.now());
      else if (Date.now() - (idleSince.get(instance) ?? 0) > startWithinMs)
        throw new NoRunError(instance, startWithinMs / 1_000);
    }
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** How long MongoDB may be away before the wait is given up. */
const AWAY_MS = 5 * 60_000;
const AGAIN_MS = 1_000;

/** Reads the instances' states; tries again while MongoDB is away, because the runs wait for it too. */
async function readStates(
  store: RunReader,
  known: ReadonlySet<string>,
  instances: readonly string[],
  signal: AbortSignal | undefined,
) {
  for (const deadline = Date.now() + AWAY_MS; ; ) {
    try {
      return await Promise.all(instances.map((instance) => readState(store, known, instance)));
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await sleep(AGAIN_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

async function readState(store: RunReader, known: ReadonlySet<string>, instance: string) {
  const latest = await store.runs.list({ instance }, LATEST_RUNS / 2);
  const run = latest.filter(({ _id }) => !known.has(_id)).at(-1) ?? null;
  const running = latest.find(({ status }) => status === 'running') ?? null;
  return { instance, run, waitsFor: run === null ? running : null };
}
