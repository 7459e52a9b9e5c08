import { describe, expect, it } from 'vitest';
import { outcomeText } from '../../../cli/commands/unlockAll.ts';
import { forEachConcurrently, summarizeUnlocks, waitForUnlocks } from '../../../client/bulkUnlock.ts';
import type { RecordState } from '../../../store/recordHolds.ts';
import { aReferral, at } from '../../support/recordFixtures.ts';

type Status = RecordState['status'];

function standing(_id: string, status: Status): RecordState {
  const failure = { key: 'step', code: 'not-found', text: 'KIPU has no such thing', times: 1, at };
  return { _id, instance: 'north', status, missing: [], failure: status === 'failed' ? failure : null };
}

const asked = (...ids: string[]) => ids.map((_id) => ({ _id, instance: 'north' }));

describe('bulkOutcome', () => {
  it.each<[Status, 'open' | 'withdrawn' | null, string, boolean]>([
    ['synced', 'open', 'referral', true],
    ['synced', 'withdrawn', 'noDestination', true],
    ['synced', null, 'noDestination', true],
    ['notReady', null, 'notReady', true],
    ['ignored', null, 'ignored', true],
    ['void', 'open', 'void', true],
    ['failed', null, 'failed', false],
    ['held', null, 'waiting', false],
    ['unlocked', null, 'waiting', false],
  ])('%s with a referral that is %s ends as %s', (status, referral, end, ok) => {
    const referrals = new Map(referral === null ? [] : [['a', aReferral({ _id: 'a', status: referral })]]);
    const outcome = summarizeUnlocks(asked('a'), [standing('a', status)], referrals);
    expect(outcome).toMatchObject({ ok, asked: 1, [end]: 1, records: [{ record: 'a', result: end }] });
  });

  it('counts each record once, also one that the store has lost', () => {
    const outcome = summarizeUnlocks(
      asked('a', 'b', 'c'),
      [standing('a', 'synced'), standing('b', 'failed')],
      new Map(),
    );
    expect(outcome).toMatchObject({ ok: false, asked: 3, noDestination: 1, failed: 1, waiting: 1, referral: 0 });
    expect(outcomeText(outcome)).toBe(
      '3 records unlocked:\n  1 without a destination to refer to\n  1 failed\n' +
        '  1 not read yet: does a worker run? Look again soon\n  b: KIPU has no such thing',
    );
  });

  it('of nothing is fine', () => {
    const outcome = summarizeUnlocks([], [], new Map());
    expect(outcome).toMatchObject({ ok: true, asked: 0 });
    expect(outcomeText(outcome)).toBe('0 records unlocked.');
  });
});

describe('waitForUnlocks', () => {
  /** A store that gives one list of statuses after the other, the last one for ever. */
  function storeOf(...looks: Record<string, Status>[]) {
    const askedFor: string[][] = [];
    const states = async (ids: readonly string[]) => {
      const look = looks[Math.min(askedFor.push([...ids]), looks.length) - 1] ?? {};
      return ids.flatMap((id) => (look[id] === undefined ? [] : [standing(id, look[id])]));
    };
    return { askedFor, store: { records: { states } } };
  }

  it('ends when none waits, tells how many are done, and asks no more for those', async () => {
    const { store, askedFor } = storeOf(
      { a: 'held', b: 'held' },
      { a: 'unlocked', b: 'synced' },
      { a: 'failed', b: 'synced' },
    );
    const progress: number[] = [];
    const ended = await waitForUnlocks(store, ['a', 'b'], (done) => progress.push(done), {
      stallMs: 60_000,
      pollMs: 1,
    });
    expect(ended.map(({ _id, status }) => [_id, status])).toEqual([
      ['a', 'failed'],
      ['b', 'synced'],
    ]);
    expect(progress).toEqual([0, 1, 2]);
    expect(askedFor).toEqual([['a', 'b'], ['a', 'b'], ['a']]);
  });

  it('gives up when nothing moves', async () => {
    const { store } = storeOf({ a: 'synced', b: 'held' });
    const ended = await waitForUnlocks(store, ['a', 'b'], () => undefined, { stallMs: 20, pollMs: 1 });
    expect(ended.map(({ status }) => status)).toEqual(['synced', 'held']);
  });

  it('ends at once for no records, and when it is interrupted', async () => {
    const { store } = storeOf({ a: 'held' });
    const patience = { stallMs: 60_000, pollMs: 60_000 };
    expect(await waitForUnlocks(store, [], () => undefined, patience)).toEqual([]);
    const interrupt = new AbortController();
    const waiting = waitForUnlocks(store, ['a'], () => interrupt.abort(), { ...patience, signal: interrupt.signal });
    await expect(waiting).rejects.toThrow();
  });
});

describe('eachOf', () => {
  it('works on each once, and on no more at once than told', async () => {
    const done: number[] = [];
    let now = 0;
    let most = 0;
    await forEachConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (thing) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      done.push(thing);
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });
});
