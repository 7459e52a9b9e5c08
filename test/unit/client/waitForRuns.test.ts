import { describe, expect, it } from 'vitest';
import { knownRuns, NoRunError, type RunReader, waitForRuns } from '../../../client/waitForRuns.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { aRun } from '../../support/runFixtures.ts';

/** Returns a store with one list of runs after the other at each poll (newest first, of all instances); the last list stays. */
function storeOf(...polls: RunDocument[][]): RunReader {
  const at = new Map<string, number>();
  return {
    runs: {
      async list({ instance = '' }, limit) {
        const now = at.get(instance) ?? 0;
        at.set(instance, now + 1);
        const runs = polls[Math.min(now, polls.length - 1)] ?? [];
        return runs.filter((run) => run.instance === instance).slice(0, limit);
      },
    },
  };
}

const old = aRun({ _id: 'old' });
const running = aRun({ _id: 'new', status: 'running', endedAt: null });
const ended = aRun({ _id: 'new' });
const quick = { pollMs: 1 };

describe('waitForRuns', () => {
  it.each<[string, RunDocument[][]]>([
    ['a run that starts, is in progress and ends', [[old], [old], [running, old], [ended, old]]],
    [
      'the run after one that is in progress',
      [[{ ...old, status: 'running' }], [{ ...old, status: 'running' }], [ended, old]],
    ],
    [
      'the first run, where another has started since',
      [[old], [aRun({ _id: 'later', status: 'running' }), ended, old]],
    ],
  ])('returns %s', async (_, polls) => {
    const store = storeOf(...polls);
    const known = await knownRuns(store, ['north']);
    expect(await waitForRuns(store, known, ['north'], undefined, quick)).toEqual([ended]);
  });

  it('waits for every instance and reports the progress of each', async () => {
    const south = aRun({ _id: 'south', instance: 'south', status: 'failed' });
    const store = storeOf([], [running], [ended, south]);
    const known = await knownRuns(store, ['south', 'north']);
    const reported: string[] = [];
    const runs = await waitForRuns(
      store,
      known,
      ['south', 'north'],
      (progress) => void reported.push(progress.map(({ run }) => run?.status ?? 'none').join(' ')),
      quick,
    );
    expect(runs).toEqual([south, ended]);
    expect(reported).toEqual(['none running', 'failed completed']);
  });

  it('rejects when no run starts', async () => {
    const waiting = waitForRuns(storeOf([old]), new Set(['old']), ['north'], undefined, {
      pollMs: 1,
      startWithinMs: 20,
    });
    await expect(waiting).rejects.toThrow(NoRunError);
  });

  it('ends when its signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = waitForRuns(storeOf([running]), new Set(), ['north'], () => stop.abort(), { signal: stop.signal });
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
