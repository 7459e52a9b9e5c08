import { describe, expect, it } from 'vitest';
import { countsAddUp, zeroCounts } from '../../domain/run.ts';
import { stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

const env = useWorkflowEnvironment();
const three = { rows: 'use', censusPages: 1 } as const;

/** Returns the calls of activities without those at the start and the end of a run. */
function called(): string[] {
  return env.activities
    .journal()
    .filter((entry) => !/^(openRun|readLocations|closeRun|measureWebhooks|restoreHolds)/.test(entry));
}

describe('A run whose census rows carry charts', () => {
  it('pulls many charts from few pages, and starts no workflow for them', async () => {
    env.activities.script({
      ...{
        rows: 'use',
        censusPages: 2,
        latest: [
          ['a', 'b', 'c'],
          ['d', 'e', 'f'],
        ],
      },
      rowPages: [{ outcomes: { saved: 2, unchanged: 1 } }, { outcomes: { notReady: 1, ignored: 1, saved: 1 } }],
    });
    const run = await env.startRun();
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toEqual({
      ...{ ...zeroCounts(), listed: 9, due: 6, saved: 3, unchanged: 1, notReady: 1, ignored: 1 },
      // Locations, the first page of what changed, two pages of the census.
      kipuCalls: 1 + 1 + 2,
    });
    expect(called()).toEqual(['listPages latest 1', 'pullRows 1', 'pullRows 2', 'listOwed first']);
    expect((await env.executions()).length).toBe(1);
  });

  it('reads the rest of the changed charts when the rows did not cover them', async () => {
    env.activities.script({
      ...three,
      latest: [['a', 'b'], ['z']],
      latestTotal: 5,
      rowPages: [{ outcomes: { saved: 2 } }],
    });
    const { counts } = await (await env.startRun()).result();
    expect(counts).toMatchObject({ due: 3, saved: 3 });
    const lists = called().filter((entry) => !entry.startsWith('pullChart'));
    expect(lists).toEqual(['listPages latest 1', 'pullRows 1', 'listPages latest 2', 'listOwed first']);
    expect(env.activities.count('pullChart z')).toBe(1);
    expect(env.activities.count('pullChart a')).toBe(0);
  });

  it('does not read the census when fewer charts are due than it has pages', async () => {
    env.activities.script({
      rows: 'use',
      censusPages: 3,
      latest: [['a', 'b', 'c']],
      rowPages: [{ outcomes: { saved: 3 } }],
    });
    expect((await (await env.startRun()).result()).counts).toMatchObject({ due: 3, saved: 3, kipuCalls: 1 + 1 + 3 });
    expect(env.activities.count('pullRows 1')).toBe(0);
  });

  it('starts a workflow for each record whose chart is in no row', async () => {
    env.activities.script({
      ...{ ...three, latest: [['a', 'b', 'c']], pulls: { c: 'failed' } },
      // b has a row without a chart; c is in no row, and still owed.
      ...{ rowPages: [{ outcomes: { saved: 1 }, due: ['b'] }], owed: [['b', 'c']] },
    });
    const { counts } = await (await env.startRun()).result();
    expect(counts).toMatchObject({ due: 3, saved: 2, failed: 1, kipuCalls: 1 + 1 + 1 + 2 });
    expect(['a', 'b', 'c'].map((id) => env.activities.count(`pullChart ${id}`))).toEqual([0, 1, 1]);
  });

  it('starts a workflow for a record that became held, counts it once, and does not wait for it', async () => {
    env.activities.script({
      ...{ ...three, latest: [['a', 'b', 'c']] },
      rowPages: [{ outcomes: { saved: 1, held: 2 }, held: ['a', 'b'] }],
    });
    const { status, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toEqual({ ...zeroCounts(), listed: 6, due: 3, saved: 1, held: 2, kipuCalls: 3 });
    await env.held('a');
    await env.held('b');
    const patient = env.patient('b');
    await env.sleep('2 days');
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'held', hold: { reminders: 1 } });
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
  });

  it('starts no second workflow for a record that is already held', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    await env.startPatient('a');
    await env.held('a');
    env.activities.script({
      ...three,
      latest: [['a', 'b']],
      rowPages: [{ outcomes: { saved: 1, held: 1 }, held: ['a'] }],
    });
    expect(await (await env.startRun()).result()).toMatchObject({ status: 'completed', counts: { due: 2, held: 1 } });
    expect(await env.patient('a').query(stateQuery)).toMatchObject({ doing: 'held' });
  });

  it('stops reading rows, with a warning, when one differs from its chart', async () => {
    env.activities.script({
      ...{
        ...three,
        censusPages: 2,
        latest: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      },
      rowPages: [{ rows: 'differ', due: ['e'] }, { outcomes: { saved: 9 } }],
    });
    const { status, counts, warnings } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(warnings).toMatchObject([{ code: 'rows-differ' }]);
    expect(env.activities.closed()).toMatchObject([{ warnings: [{ code: 'rows-differ' }] }]);
    expect(counts).toMatchObject({ due: 5, saved: 5 });
    expect(env.activities.count('pullRows 2')).toBe(0);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => env.activities.count(`pullChart ${id}`))).toEqual([1, 1, 1, 1, 1]);
  });

  it.each([
    { name: 'carries charts', rowPages: [{ outcomes: { saved: 3 } }, { outcomes: { saved: 1 } }], pulled: 0 },
    { name: 'does not', rowPages: [{ rows: 'without charts' as const, due: ['a', 'x'] }, {}], pulled: 4 },
  ])('detects in a full run that its census $name', async ({ rowPages, pulled }) => {
    const census = [['a', 'x'], ['y']];
    env.activities.script({ mode: 'full', rows: 'try', latest: [['a', 'b']], census, rowPages });
    const { status, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 4, saved: 4, kipuCalls: 1 + 1 + 2 + pulled + 1 });
    expect(counts).toSatisfy(countsAddUp);
    expect(env.activities.count('pullRows 1')).toBe(1);
    expect(env.activities.count('listPages census 1')).toBe(0);
    expect(env.activities.count('listPages census 2')).toBe(pulled === 0 ? 0 : 1);
  });

  it('continues as new between pages of rows, and its counts add up over all executions', async () => {
    env.activities.script({
      ...{ mode: 'full', rows: 'use', latest: [['a', 'b'], ['z']], latestTotal: 9, owed: [['o']] },
      rowPages: [
        { outcomes: { saved: 1, held: 1 }, held: ['b'] },
        { outcomes: { unchanged: 1 }, due: ['c'] },
        { outcomes: { notReady: 2 } },
      ],
    });
    const run = await env.startRun({ pagesPerHistory: 1 });
    const { counts, runId } = await run.result();
    expect(counts).toEqual({
      ...{ ...zeroCounts(), listed: 9, due: 8, saved: 4, held: 1, unchanged: 1, notReady: 2 },
      kipuCalls: 1 + 2 + 3 + 3 + 1,
    });
    expect(runId).toBe(run.firstExecutionRunId);
    for (const once of ['listPages latest 1', 'pullRows 1', 'pullRows 2', 'pullRows 3', 'listPages latest 2']) {
      expect(env.activities.count(once), once).toBe(1);
    }
    expect((await env.executions()).filter(({ workflowId }) => workflowId === run.workflowId)).toHaveLength(6);
  });

  it('keeps the records that wait for the first rows when it continues as new', async () => {
    env.activities.script({
      ...{ mode: 'full', rows: 'try', latest: [['a', 'b']], census: [['a'], ['x']] },
      rowPages: [{ rows: 'without charts', due: ['a'] }, {}],
    });
    const { counts } = await (await env.startRun({ pagesPerHistory: 1 })).result();
    expect(counts).toMatchObject({ due: 3, saved: 3 });
    expect(['a', 'b', 'x'].map((id) => env.activities.count(`pullChart ${id}`))).toEqual([1, 1, 1]);
  });
});
