import { describe, expect, it } from 'vitest';
import { summaryText } from '../../../cli/commands/unlockAll.ts';
import { forEachConcurrently, summarizeUnlocks, waitForUnlocks } from '../../../client/unlock.ts';
import type { RecordState } from '../../../store/recordHolds.ts';
import { aReferral, at } from '../../support/recordFixtures.ts';

type Status = RecordState['status'];

function stateOf(_id: string, status: Status): RecordState {
  const failure = { key: 'k', code: 'not-found', text: 'KIPU answered 404', times: 1, at };
  return { _id, instance: 'north', status, missing: [], failure: status === 'failed' ? failure : null };
}

const asked = (...ids: string[]) => ids.map((_id) => ({ _id, instance: 'north' }));

describe('summarizeUnlocks', () => {
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
  ])('a record that is %s, with a referral that is %s, counts as %s', (status, referral, result, ok) => {
    const referrals = new Map(referral === null ? [] : [['a', aReferral({ _id: 'a', status: referral })]]);
    const summary = summarizeUnlocks(asked('a'), [stateOf('a', status)], referrals);
    expect(summary).toMatchObject({ ok, asked: 1, [result]: 1, records: [{ record: 'a', result }] });
  });

  it('counts each record once, also one that is no longer in the store', () => {
    const summary = summarizeUnlocks(asked('a', 'b', 'c'), [stateOf('a', 'synced'), stateOf('b', 'failed')], new Map());
    expect(summary).toMatchObject({ ok: false, asked: 3, noDestination: 1, failed: 1, waiting: 1, referral: 0 });
    expect(summaryText(summary)).toBe(
      '3 records unlocked:\n  1 without a destination\n  1 failed\n' +
        '  1 not read yet: is a worker running? Check again soon\n  b: KIPU answered 404',
    );
  });

  it('summarizes no records', () => {
    const summary = summarizeUnlocks([], [], new Map());
    expect(summary).toMatchObject({ ok: true, asked: 0 });
    expect(summaryText(summary)).toBe('0 records unlocked.');
  });
});

describe('waitForUnlocks', () => {
  /** Returns a store with one set of statuses after the other at each poll, which stays at the last. */
  function storeOf(...polls: Record<string, Status>[]) {
    const askedFor: string[][] = [];
    const states = async (ids: readonly string[]) => {
      const statuses = polls[Math.min(askedFor.push([...ids]), polls.length) - 1] ?? {};
      return ids.flatMap((id) => (statuses[id] === undefined ? [] : [stateOf(id, statuses[id])]));
    };
    return { askedFor, store: { records: { states } } };
  }

  it('ends when no record waits, reports how many are done, and does not read those again', async () => {
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

  it('stops when no status changes', async () => {
    const { store } = storeOf({ a: 'synced', b: 'held' });
    const ended = await waitForUnlocks(store, ['a', 'b'], () => undefined, { stallMs: 20, pollMs: 1 });
    expect(ended.map(({ status }) => status)).toEqual(['synced', 'held']);
  });

  it('ends at once for no records and when it is interrupted', async () => {
    const { store } = storeOf({ a: 'held' });
    const options = { stallMs: 60_000, pollMs: 60_000 };
    expect(await waitForUnlocks(store, [], () => undefined, options)).toEqual([]);
    const interrupt = new AbortController();
    const waiting = waitForUnlocks(store, ['a'], () => interrupt.abort(), { ...options, signal: interrupt.signal });
    await expect(waiting).rejects.toThrow();
  });
});

describe('forEachConcurrently', () => {
  it('runs the work once for each item, and not more at the same time than the limit', async () => {
    const done: number[] = [];
    let running = 0;
    let maximum = 0;
    await forEachConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      maximum = Math.max(maximum, running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(maximum).toBe(3);
  });
});
