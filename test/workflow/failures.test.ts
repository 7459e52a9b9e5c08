import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { countsAddUp } from '../../domain/run.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { down, forbidden, refused } from '../support/failures.ts';
import { REFUSAL, type Script } from '../support/scriptedActivities.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();

/** Starts a run, lets the retries run out, and returns how it was closed and its failure in Temporal. */
async function closedRun(script: Script, duringRun?: (run: WorkflowHandle) => Promise<void>) {
  env.activities.script(script);
  const run = await env.startRun();
  await duringRun?.(run);
  const failure = run.result().then(
    () => null,
    (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error),
  );
  await env.sleepUntil('the run is closed', () => env.activities.closed().length > 0);
  const [closed, ...others] = env.activities.closed();
  expect(others).toEqual([]);
  expect(closed?.counts, 'counts add up').toSatisfy(countsAddUp);
  return { ...closed, failure: await failure };
}

describe('An instance that refuses us', () => {
  it('fails the run at once, with what to fix', async () => {
    env.activities.gates.close('pullChart a');
    const latest = [['a', 'b', 'c'], ['d'], ['e'], ['f'], ['g'], ['h']];
    const script = { maxInFlight: 1, latest, pulls: { b: refused } };
    const { status, fault, counts, failure } = await closedRun(script, async (run) => {
      // The next four pages are listed ahead.
      await expect.poll(async () => (await run.query(progressQuery)).kipuCalls, inTime).toBe(1 + 5);
      env.activities.gates.open('pullChart a');
    });
    expect({ status, fault }).toEqual({ status: 'failed', fault: { code: refused.code, text: refused.message } });
    expect(counts).toMatchObject({ due: 2, saved: 1, failed: 1, kipuCalls: 1 + 5 + 2 });
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'run-failed', message: `Run failed: ${refused.message}` });
    expect(
      env.activities.journal().filter((entry) => /pullChart [^ab]|listPages latest 6|listOwed/.test(entry)),
    ).toEqual([]);
    expect(env.activities.count('pullChart b')).toBe(1);
  });

  it.each([
    { activity: 'readLocations', calls: ['readLocations north'] },
    { activity: 'listPages', calls: ['readLocations north', 'listPages latest 1'] },
  ])('gets no more calls after $activity', async ({ activity, calls }) => {
    const { status, fault, counts } = await closedRun({ latest: [['a'], ['b']], failing: { [activity]: refused } });
    expect({ status, fault }).toEqual({ status: 'failed', fault: { code: refused.code, text: refused.message } });
    expect(counts?.kipuCalls).toBe(calls.length);
    expect(env.activities.journal()).toEqual(['openRun north', ...calls, 'closeRun failed', 'measureWebhooks north']);
  });

  it('leaves the record owed: its workflow fails with the same text, and the record gets no failure', async () => {
    await closedRun({ latest: [['a']], pulls: { a: refused } });
    const failure = await env
      .patient('a')
      .result()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { cause: { message: refused.message } } });
    expect(env.activities.failedPulls()).toEqual([]);
  });
});

describe('A transient failure', () => {
  it('is retried until it ends', async () => {
    env.activities.script({ latest: [['a']], failing: { pullChart: down } });
    const run = await env.startRun();
    await expect.poll(() => env.activities.count('pullChart a'), inTime).toBe(1);
    await env.sleep('10 minutes');
    env.activities.script({ failing: {} });
    await env.sleepUntil('the run is closed', () => env.activities.closed().length > 0);
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 1, saved: 1 });
    expect(counts.kipuCalls).toBeGreaterThan(8);
  });

  it('that does not end is recorded on the record, and the run is incomplete', async () => {
    const { status, fault, counts, failure } = await closedRun({
      latest: [['a', 'b'], ['c']],
      pulls: { a: down },
    });
    expect(status).toBe('incomplete');
    expect(fault?.code).toBe('given-up');
    expect(failure).toMatchObject({ type: 'run-incomplete', nonRetryable: true });
    expect(counts).toMatchObject({ due: 3, saved: 2, failed: 1 });
    const run = expect.stringMatching(/^sync\/north-/);
    expect(env.activities.failedPulls()).toEqual([{ recordId: 'a', text: down.message, run }]);
    // Each attempt made a request.
    expect(counts?.kipuCalls).toBeGreaterThan(1 + 2 + 2 + 10);
  });

  it.each([
    { name: 'listing a page', script: { latest: [['a', 'b'], ['c'], down, ['d']] }, due: 3 },
    { name: 'listing a page of the census', script: { mode: 'full', latest: [['a']], census: [down] }, due: 1 },
    { name: 'listing owed records', script: { latest: [['a']], owed: [['b'], forbidden] }, due: 2 },
    {
      name: 'a page of the census whose rows are charts',
      script: { mode: 'full', rows: 'use', latest: [['a']], rowPages: [{ outcomes: { saved: 1 } }, down] },
      due: 1,
    },
  ] satisfies { name: string; script: Script; due: number }[])(
    'of $name leaves the run incomplete, and the listed records are pulled',
    async ({ script, due }) => {
      const { status, fault, counts, failure } = await closedRun(script);
      expect(status).toBe('incomplete');
      expect(fault?.text).toBeTruthy();
      expect(failure).toMatchObject({ message: `Run incomplete: ${fault?.text}` });
      expect(counts).toMatchObject({ due, saved: due });
      expect(env.activities.count('pullChart d')).toBe(0);
      expect(env.activities.count('restoreHolds north')).toBe(0);
    },
  );
});

describe('A permanent failure of one record', () => {
  it('is counted, and the run completes', async () => {
    const { status, fault, counts } = await closedRun({ latest: [['a', 'b']], pulls: { a: 'failed' } });
    expect({ status, fault }).toEqual({ status: 'completed', fault: null });
    expect(counts).toMatchObject({ due: 2, saved: 1, failed: 1 });
  });

  it('that cannot be recorded leaves the run incomplete', async () => {
    const { status, counts } = await closedRun({
      latest: [['a', 'b']],
      pulls: { a: down },
      failing: { recordFailedPull: forbidden },
    });
    expect(status).toBe('incomplete');
    expect(counts).toMatchObject({ due: 2, saved: 1, failed: 1 });
  });
});

describe('Charts that KIPU refuses', () => {
  const ids = Array.from({ length: 100 }, (_, n) => `r${String(n).padStart(3, '0')}`);

  it.each<[string, number[], 'completed' | 'failed']>([
    ['one of a hundred', [40], 'completed'],
    ['four in a row', [40, 41, 42, 43], 'completed'],
    ['many, each after one that was read', [1, 3, 5, 7, 9, 11, 13, 15], 'completed'],
    ['five in a row', [40, 41, 42, 43, 44], 'failed'],
  ])('%s', async (_, refusedAt, status) => {
    const pulls = Object.fromEntries(refusedAt.map((n) => [ids[n] ?? '', 'refused' as const]));
    // One at a time, so that the order is known.
    env.activities.script({ maxInFlight: 1, latest: [ids], pulls });
    const run = await env.startRun();
    if (status === 'failed') await expect(run.result()).rejects.toMatchObject({ cause: { type: 'run-failed' } });
    else await run.result();
    const [closed] = env.activities.closed();
    expect(closed).toMatchObject({ status, fault: status === 'failed' ? REFUSAL : null });
    expect(closed?.counts).toSatisfy(countsAddUp);
    const pulled = status === 'failed' ? 45 : 100;
    expect(closed?.counts).toMatchObject({
      ...{ due: pulled, failed: refusedAt.length, saved: pulled - refusedAt.length },
    });
  });

  it('are in a row also where another one between them could not be read for another reason', async () => {
    const pulls = Object.fromEntries(ids.slice(0, 6).map((id) => [id, 'refused' as const]));
    env.activities.script({ maxInFlight: 1, latest: [ids], pulls: { ...pulls, [ids[3] ?? '']: 'failed' } });
    await expect((await env.startRun()).result()).rejects.toMatchObject({ cause: { type: 'run-failed' } });
    expect(env.activities.closed()).toMatchObject([{ fault: REFUSAL, counts: { due: 6, failed: 6 } }]);
  });
});
