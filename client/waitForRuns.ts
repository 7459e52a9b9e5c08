import { setTimeout as sleep } from 'node:timers/promises';
import type { RunDocument } from '../store/documents.ts';

/** What is needed of the store, so that a test can do without one. */
export interface RunReader {
  runs: { list(filter: { instance?: string }, limit: number): Promise<RunDocument[]> };
}

/** How far an instance is: `run` is null until its run has begun. */
export interface RunProgress {
  instance: string;
  run: RunDocument | null;
}

export interface WaitOptions {
  /** How long a run may take to begin while no other run of the instance goes on, in milliseconds. */
  beginMs?: number;
  /** Between two looks, in milliseconds. */
  pollMs?: number;
  /** Ends the wait; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Thrown when a run that was asked for does not begin. */
export class NoRunError extends Error {
  override readonly name = 'NoRunError';

  constructor(instance: string, seconds: number) {
    super(
      `No run of ${instance} began within ${seconds} s. Does a worker run, and do its settings name this instance? ` +
        'The command doctor says more.',
    );
  }
}

const LOOKED_AT = 50;

/** The ids of the instances' latest runs. Taken before a run is asked for, it tells that run from earlier ones. */
export async function knownRuns(store: RunReader, instances: readonly string[]): Promise<Set<string>> {
  const lists = await Promise.all(instances.map((instance) => store.runs.list({ instance }, LOOKED_AT)));
  return new Set(lists.flat().map((run) => run._id));
}

/**
 * Waits until each instance has ended the first run that is not among the `known` ones, and gives these runs in the
 * instances' order. A known one may still go on: the one that follows is waited for. `onProgress` is told at each look.
 * @throws NoRunError
 */
export async function waitForRuns(
  store: RunReader,
  known: ReadonlySet<string>,
  instances: readonly string[],
  onProgress: (progress: RunProgress[]) => void | Promise<void> = () => undefined,
  patience: WaitOptions = {},
): Promise<RunDocument[]> {
  const { beginMs = 60_000, pollMs = 250, signal } = patience;
  const idleSince = new Map(instances.map((instance) => [instance, Date.now()]));
  for (;;) {
    const looks = await Promise.all(instances.map((instance) => look(store, known, instance)));
    await onProgress(looks.map(({ instance, run }) => ({ instance, run })));
    const runs = looks.flatMap(({ run }) => (run === null || run.status === 'running' ? [] : [run]));
    if (runs.length === instances.length) return runs;
    for (const { instance, run, busy } of looks) {
      if (run !== null || busy) idleSince.set(instance, Date.now());
      else if (Date.now() - (idleSince.get(instance) ?? 0) > beginMs) throw new NoRunError(instance, beginMs / 1_000);
    }
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function look(store: RunReader, known: ReadonlySet<string>, instance: string) {
  const latest = await store.runs.list({ instance }, LOOKED_AT / 2);
  const run = latest.filter(({ _id }) => !known.has(_id)).at(-1) ?? null;
  return { instance, run, busy: latest.some(({ status }) => status === 'running') };
}
