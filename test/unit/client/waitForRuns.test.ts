import { describe, expect, it } from 'vitest';
import { knownRuns, NoRunError, type RunReader, waitForRuns } from '../../../client/waitForRuns.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { aRun } from '../../support/runFixtures.ts';

/** A store whose runs are, look by look, those of `looks` (newest first, of all instances); the last look stays. */
function storeOf(...looks: RunDocument[][]): RunReader {
  const at = new Map<string, number>();
  return {
    runs: {
      async list({ instance = '' }, limit) {
        const now = at.get(instance) ?? 0;
        at.set(instance, now + 1);
        const runs = looks[Math.min(now, looks.length - 1)] ?? [];
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
    ['a run that begins, goes on and ends', [[old], [old], [running, old], [ended, old]]],
    [
      'the run behind one that goes on',
      [[{ ...old, status: 'running' }], [{ ...old, status: 'running' }], [ended, old]],
    ],
    ['the first one, where another has begun since', [[old], [aRun({ _id: 'later', status: 'running' }), ended, old]]],
  ])('gives %s', async (_, looks) => {
    const store = storeOf(...looks);
    const known = await knownRuns(store, ['north']);
    expect(await waitForRuns(store, known, ['north'], undefined, quick)).toEqual([ended]);
  });

  it('waits for every instance, and tells how far each is', async () => {
    const south = aRun({ _id: 'south', instance: 'south', status: 'failed' });
    const store = storeOf([], [running], [ended, south]);
    const known = await knownRuns(store, ['south', 'north']);
    const told: string[] = [];
    const runs = await waitForRuns(
      store,
      known,
      ['south', 'north'],
      (progress) => void told.push(progress.map(({ run }) => run?.status ?? 'none').join(' ')),
      quick,
    );
    expect(runs).toEqual([south, ended]);
    expect(told).toEqual(['none running', 'failed completed']);
  });

  it('says so when no run begins', async () => {
    const waiting = waitForRuns(storeOf([old]), new Set(['old']), ['north'], undefined, { pollMs: 1, beginMs: 20 });
    await expect(waiting).rejects.toThrow(NoRunError);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const waiting = waitForRuns(storeOf([running]), new Set(), ['north'], () => stop.abort(), { signal: stop.signal });
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
