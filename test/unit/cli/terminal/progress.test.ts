import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressLines } from '../../../../cli/terminal/progress.ts';
import { type PendingActivity, troubleOf, untilClosed } from '../../../../client/runWorkflow.ts';
import type { RunProgress } from '../../../../client/waitForRuns.ts';
import { aRun } from '../../../support/runFixtures.ts';

const running = aRun({ status: 'running', endedAt: null });
const refused = { code: 'authentication-failed', text: 'GET /api/locations answered 401' };
const trouble = { code: 'unreachable', text: 'GET /api/locations: no connection', attempts: 3 };

/** Shows progress on an output of this width, or in a file, and returns what was written. */
function written(columns: number | null, steps: RunProgress[][]): string {
  let text = '';
  const out = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const stream = Object.assign(out, columns === null ? {} : { isTTY: true, columns }) as unknown as NodeJS.WriteStream;
  const progress = progressLines(stream);
  for (const step of steps) progress.show(step);
  progress.end();
  return text;
}

describe('The progress of runs', () => {
  it('has a line for each ended run and each new reason why one makes no progress, in a file', () => {
    const waiting = { instance: 'south', run: null, trouble };
    const failed = { instance: 'north', run: aRun({ status: 'failed', fault: refused }) };
    expect(
      written(null, [
        [{ instance: 'north', run: running }, waiting],
        [failed, { ...waiting, trouble: { ...trouble, attempts: 4 } }],
        [failed, waiting],
      ]).split('\n'),
    ).toEqual([
      "south: KIPU can't be reached: GET /api/locations: no connection; trying again (failed 3 times)",
      expect.stringMatching(/^north: failed, .* due: KIPU does not accept the signature: GET .* 401$/),
      '',
    ]);
  });

  it('overwrites its lines on a terminal, and wraps what is wider', () => {
    const one = { instance: 'north', run: running, trouble };
    const other = { instance: 'south', run: null, waitsFor: running };
    const text = written(34, [[one, other], [one, other], [other]]);
    expect(text.split(/(?=\r)/)).toEqual([
      [
        '\r\u001b[Knorth: 0 of 0 pulled',
        "  KIPU can't be reached: GET",
        '  /api/locations: no connection;',
        '  trying again (failed 3 times)',
        'south: waiting for the run in',
        '  progress',
      ].join('\n'),
      '\r\u001b[5A\u001b[Jsouth: waiting for the run in\n  progress',
      '\r\u001b[1A\u001b[J',
    ]);
  });
});

describe('troubleOf', () => {
  const details = { payloads: [{ data: Buffer.from('"unavailable"') }] };
  const failure = { message: 'KIPU answered 503.', applicationFailureInfo: { details } };
  it.each<[string, PendingActivity[], unknown]>([
    ['nothing pends', [], null],
    ['the first attempt is in progress', [{ attempt: 1 }], null],
    [
      'one is tried again',
      [{ attempt: 3, lastFailure: failure }],
      { code: 'unavailable', text: 'KIPU answered 503', attempts: 2 },
    ],
    [
      'several are tried again',
      [
        { attempt: 2, lastFailure: { ...failure, message: 'other' } },
        { attempt: 9, lastFailure: failure },
      ],
      { code: 'unavailable', text: 'KIPU answered 503', attempts: 8 },
    ],
    [
      'a worker was killed',
      [{ attempt: 2, lastFailure: { message: 'activity Heartbeat timeout' } }],
      { code: null, text: 'It did not answer in time', attempts: 1 },
    ],
  ])('returns the last failure where %s', (_, pending, expected) => {
    expect(troubleOf(pending)).toEqual(expected);
  });
});

describe('untilClosed', () => {
  const workflow = (result: Promise<unknown>) => ({ workflow: { getHandle: () => ({ result: () => result }) } });
  const never = new Promise<never>(() => undefined);

  it.each([
    ['closes', () => Promise.resolve('counts'), 60_000],
    ['closed as failed', () => Promise.reject(new Error('it failed')), 60_000],
    ['does not close in time', () => never, 1],
  ])('ends where the workflow %s', async (_, result, withinMs) => {
    await expect(untilClosed(workflow(result()), 'sync/north-1', withinMs)).resolves.toBeUndefined();
  });

  it('waits for a workflow that still closes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ended = false;
    const waiting = untilClosed(workflow(promise), 'sync/north-1', 60_000).then(() => {
      ended = true;
    });
    await new Promise((next) => setImmediate(next));
    expect(ended).toBe(false);
    resolve();
    await waiting;
  });
});
