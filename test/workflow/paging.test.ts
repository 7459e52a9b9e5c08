import { workflowMetadataQuery } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { zeroCounts } from '../../domain/run.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { down } from '../support/failures.ts';
import { summariesOf } from '../support/histories.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();

describe('A run', () => {
  it.each([
    {
      mode: 'incremental',
      asked: [
        'listPages latest 1',
        'listPages latest 2',
        'listOwed first',
        'closeRun completed',
        'measureWebhooks north',
      ],
      due: 3,
      // Locations, two pages, a chart for each.
      kipuCalls: 1 + 2 + 3,
    },
    {
      mode: 'full',
      asked: [
        ...['listPages latest 1', 'listPages latest 2', 'listPages census 1', 'listPages census 2', 'listOwed first'],
        ...['restoreHolds north', 'listVaulted 1', 'closeRun completed', 'measureWebhooks north'],
      ],
      due: 5,
      kipuCalls: 1 + 4 + 5 + 1,
    },
  ] as const)('in mode $mode reads its lists and the owed records', async ({ mode, asked, due, kipuCalls }) => {
    env.activities.script({ mode, latest: [['a'], ['b']], census: [['c'], ['d']], owed: [['e']] });
    const { counts, ...result } = await (await env.startRun()).result();
    expect(result).toMatchObject({ instance: 'north', mode, status: 'completed' });
    expect(counts).toEqual({ ...zeroCounts(), listed: due - 1, due, saved: due, kipuCalls });
    const opened = ['openRun north', 'readLocations north'];
    expect(env.activities.journal().filter((entry) => !entry.startsWith('pullChart'))).toEqual([...opened, ...asked]);
    expect(env.activities.closed()).toEqual([{ ...result, counts, fault: null }]);
  });

  it('pulls owed records page by page, each record once', async () => {
    env.activities.script({ latest: [['a']], owed: [['a', 'b'], ['c'], ['d']] });
    const { counts } = await (await env.startRun()).result();
    expect(counts).toMatchObject({ listed: 1, due: 4, saved: 4 });
    const asked = env.activities.journal().filter((entry) => entry.startsWith('listOwed'));
    expect(asked).toEqual(['listOwed first', 'listOwed b', 'listOwed c']);
  });

  it('continues in a new history before its own has 2,000 events', async () => {
    const pages = 420;
    env.activities.script({ bulkFrom: 1, latest: Array.from({ length: pages }, (_, place) => [`r${place}`]) });
    const run = await env.startRun();
    expect((await run.result()).counts).toMatchObject({ saved: pages, kipuCalls: 2 * pages + 1 });
    const lengths = (await env.executions()).map(({ history }) => history.events?.length ?? 0);
    expect(lengths.length).toBeGreaterThan(1);
    expect(Math.max(...lengths)).toBeLessThan(2_000);
  });

  it('starts no workflow if nothing is due', async () => {
    env.activities.script({ latest: [[]] });
    const { counts } = await (await env.startRun()).result();
    expect(counts).toEqual({ ...zeroCounts(), kipuCalls: 2 });
    expect(env.activities.journal().filter((entry) => entry.startsWith('pullChart'))).toEqual([]);
  });

  it('lists the next page during the pulls of the page before', async () => {
    env.activities.script({ maxInFlight: 1, latest: [['a', 'b'], ['c']] });
    env.activities.gates.close('pullChart a');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    await expect.poll(() => env.activities.count('listPages latest 2'), inTime).toBe(1);
    expect(env.activities.count('pullChart b')).toBe(0);
    env.activities.gates.open('pullChart a');
    expect((await run.result()).counts).toMatchObject({ due: 3, saved: 3 });
  });

  it('pulls a record that is due on two pages once', async () => {
    env.activities.script({
      latest: [
        ['a', 'b'],
        ['b', 'a', 'c'],
      ],
      owed: [['a']],
    });
    expect((await (await env.startRun()).result()).counts).toMatchObject({ listed: 5, due: 3, saved: 3 });
    expect(['a', 'b', 'c'].map((id) => env.activities.count(`pullChart ${id}`))).toEqual([1, 1, 1]);
  });

  it('continues as new between pages, and its counts add up over all executions', async () => {
    env.activities.script({
      mode: 'full',
      latest: [['a', 'b'], ['c']],
      census: [['d'], ['e']],
      owed: [['f']],
      pulls: { a: 'notReady', b: 'held', c: 'unchanged', d: 'ignored', e: 'failed' },
    });
    const run = await env.startRun({ pagesPerHistory: 1 });
    const result = await run.result();
    const outcomes = { saved: 1, unchanged: 1, held: 1, notReady: 1, ignored: 1, failed: 1 };
    expect(result.counts).toEqual({ ...zeroCounts(), ...outcomes, listed: 5, due: 6, kipuCalls: 1 + 4 + 6 + 1 });
    expect(result.runId).toBe(run.firstExecutionRunId);
    expect(env.activities.closed()).toEqual([{ ...result, fault: null }]);
    for (const once of ['openRun north', 'readLocations north', 'listVaulted 1', 'listOwed first']) {
      expect(env.activities.count(once), once).toBe(1);
    }
    expect((await env.executions()).filter(({ workflowId }) => workflowId === run.workflowId)).toHaveLength(5);
  });

  it('reads the next list where two empty pages end one before its stated end', async () => {
    env.activities.script({ mode: 'full', latest: [['a'], ['b'], [], [], ['x'], ['y']], census: [['c'], ['d']] });
    const { counts } = await (await env.startRun()).result();
    expect(counts).toMatchObject({ listed: 4, due: 4, saved: 4 });
    const asked = env.activities.journal().filter((entry) => /pullChart [xy]|listPages latest 6/.test(entry));
    expect(asked).toEqual([]);
  });

  it('continues as new when one history has started many held records', async () => {
    const pages = [['a', 'b'], ['c', 'd'], ['e', 'f'], ['g']];
    const held = Object.fromEntries(pages.flat().map((name) => [name, 'held' as const]));
    env.activities.script({ latest: pages, pulls: held });
    const run = await env.startRun({ childrenPerHistory: 2 });
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { due: 7, held: 7 } });
    const executions = (await env.executions()).filter(({ workflowId }) => workflowId === run.workflowId);
    const histories = await Promise.all(
      executions.map(({ runId }) => env.client.workflow.getHandle(run.workflowId, runId).fetchHistory()),
    );
    const started = histories.map(
      ({ events }) =>
        (events ?? []).filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes).length,
    );
    // The page after the one that reaches the limit is listed already.
    expect(started.reduce((sum, one) => sum + one, 0)).toBe(7);
    expect(Math.max(...started)).toBeLessThanOrEqual(4);
  });

  it('keeps a failed pull when it continues as new', async () => {
    env.activities.script({ latest: [['a'], ['b']], pulls: { a: down } });
    const run = await env.startRun({ pagesPerHistory: 1 });
    const failure = run.result().catch((error: unknown) => error);
    await env.sleepUntil('the run is closed', () => env.activities.closed().length > 0);
    await failure;
    expect(env.activities.closed()).toMatchObject([{ status: 'incomplete', counts: { due: 2, saved: 1, failed: 1 } }]);
  });

  it('shows its progress in a query', async () => {
    env.activities.script({ maxInFlight: 2, latest: [['a', 'b', 'c'], ['d']] });
    env.activities.gates.close('pullChart b', 'pullChart c');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart c');
    await expect.poll(() => run.query(progressQuery), inTime).toMatchObject({ listed: 4, due: 3, saved: 1 });
    const shown = async () => (await run.query(workflowMetadataQuery)).currentDetails;
    await expect.poll(shown, inTime).toContain('pulls: 3: saved 1');
    env.activities.gates.openAll();
    const { counts } = await run.result();
    expect(await run.query(progressQuery)).toEqual(counts);
  });

  it('shows each pull that ends while it waits for others', async () => {
    env.activities.script({ latest: [['a', 'b']] });
    env.activities.gates.close('pullChart a', 'pullChart b');
    const run = await env.startRun();
    const shown = async () => (await run.query(workflowMetadataQuery)).currentDetails;
    await expect.poll(shown, inTime).toMatch(/waits for the pulls.*pulls: 2\n/s);
    env.activities.gates.open('pullChart a');
    await expect.poll(shown, inTime).toContain('pulls: 2: saved 1');
    env.activities.gates.open('pullChart b');
    await run.result();
  });

  it('shows what it does, and names what it reads', async () => {
    const steps: [string, string][] = [
      ['listPages latest 1', 'lists changed charts'],
      ['listPages census 1', 'lists the census'],
      ['listOwed first', 'lists what earlier runs owe'],
      ['pullChart a', 'waits for the pulls'],
      ['listVaulted 1', 'reads the deleted charts'],
    ];
    env.activities.script({ mode: 'full', latest: [['a']], census: [[]] });
    env.activities.gates.close(...steps.map(([gate]) => gate));
    const run = await env.startRun();
    const shown = async () => (await run.query(workflowMetadataQuery)).currentDetails;
    for (const [gate, phase] of steps) {
      await env.activities.gates.reached(gate);
      await expect.poll(shown, inTime).toContain(`full run: ${phase}**`);
      env.activities.gates.open(gate);
    }
    await run.result();
    const summaries = summariesOf(await run.fetchHistory());
    for (const summary of ['page 1 of changed charts', 'page 1 of the census', 'owed pulls', 'own locations'])
      expect(summaries).toContain(summary);
  });
});
