import { describe, expect, it } from 'vitest';
import { afterCheck, answering, awaySince, kipuOutage } from '../../../domain/outage.ts';
import { aRun } from '../../support/memoryStore.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 22, minute));

describe('A server', () => {
  it.each([
    ['that answers', [true, true], null],
    ['that misses one check', [true, false], null],
    ['that misses one check and answers', [false, true, false], null],
    ['that misses two in a row, since the first', [true, false, false], 1],
    ['that misses many, since the first', [false, false, false, false], 0],
    ['that answers again', [false, false, true], null],
  ] as const)('%s is away or not', (_what, checks, since) => {
    const state = checks.reduce((before, answered, n) => afterCheck(before, answered, at(n)), answering);
    expect(awaySince(state)).toEqual(since === null ? null : at(since));
  });
});

describe('The KIPU of an instance', () => {
  const run = (minute: number, code: string | null) =>
    aRun({
      ...{ startedAt: at(minute), status: code === null ? 'completed' : 'failed' },
      fault: code === null ? null : { code, text: '' },
    });
  const running = aRun({ status: 'running', startedAt: at(59), endedAt: null });

  it.each([
    ['answers, without a run', [], null],
    ['answers, while the first run is in progress', [running], null],
    ['answers when the last run completed', [run(9, null), run(8, 'timeout')], null],
    ['is silent since the only run began', [run(9, 'timeout')], ['not responding', 9]],
    [
      'is silent since the first run of those in a row',
      [running, run(9, 'given-up'), run(8, 'timeout'), run(7, null)],
      ['not responding', 8],
    ],
    ['does not answer a request', [run(9, 'unavailable')], ['not responding', 9]],
    ['is not reached', [run(9, 'unreachable')], ['not responding', 9]],
    ['drops the connection', [run(9, 'connection-lost')], ['not responding', 9]],
    [
      'is silent since the run after one with another fault',
      [run(9, 'timeout'), run(8, 'store-full'), run(7, 'timeout')],
      ['not responding', 9],
    ],
    [
      'refuses us',
      [run(9, 'authentication-failed'), run(8, 'timeout'), run(7, null)],
      ['does not accept our access', 8],
    ],
    ['is not to blame for MongoDB', [run(9, 'store-unavailable')], null],
    ['is not to blame for the settings', [run(9, 'unknown-instance')], null],
    ['is not to blame for a canceled run', [run(9, 'cancelled'), run(8, 'timeout')], null],
    ['is not to blame for an unknown fault', [run(9, 'of a later version')], null],
  ] as const)('%s', (_what, runs, expected) => {
    const outage = kipuOutage('north', runs);
    if (expected === null) return expect(outage).toBeNull();
    const [text, since] = expected;
    expect(outage).toMatchObject({ text: expect.stringContaining(text), since: at(since), instance: 'north' });
    expect(outage?.text).toContain('Nothing new is coming in');
  });
});
