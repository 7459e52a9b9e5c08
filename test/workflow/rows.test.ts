import { describe, expect, it } from 'vitest';
import { countsAddUp, zeroCounts } from '../../domain/run.ts';
import { stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { useRig } from '../support/useWorkflowEnvironment.ts';

const rig = useRig();
const three = { rows: 'use', censusPages: 1 } as const;

/** What was asked, without how the run begins and ends. */
function asked(): string[] {
  return rig.steps
    .journal()
    .filter((entry) => !/^(openRun|readLocations|closeRun|measureWebhooks|restoreHolds)/.test(entry));
}

describe('a run whose census rows carry charts', () => {
  it('pulls much from few pages, and gives no record a workflow', async () => {
    rig.steps.script({
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
    const run = await rig.startRun();
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toEqual({
      ...{ ...zeroCounts(), listed: 9, due: 6, saved: 3, unchanged: 1, notReady: 1, ignored: 1 },
      // Locations, the first page of what changed, two pages of the census.
      kipuCalls: 1 + 1 + 2,
    });
    expect(asked()).toEqual(['listPage latest 1', 'pullRows 1', 'pullRows 2', 'listOwed first']);
    expect((await rig.executions()).length).toBe(1);
  });

  it('reads the rest of the changed charts where the rows did not cover them', async () => {
    rig.steps.script({ ...three, latest: [['a', 'b'], ['z']], latestTotal: 5, rowPages: [{ outcomes: { saved: 2 } }] });
    const { counts } = await (await rig.startRun()).result();
    expect(counts).toMatchObject({ due: 3, saved: 3 });
    const lists = asked().filter((entry) => !entry.startsWith('pullChart'));
    expect(lists).toEqual(['listPage latest 1', 'pullRows 1', 'listPage latest 2', 'listOwed first']);
    expect(rig.steps.count('pullChart z')).toBe(1);
    expect(rig.steps.count('pullChart a')).toBe(0);
  });

  it('leaves them where fewer charts are due than the census has pages', async () => {
    rig.steps.script({
      rows: 'use',
      censusPages: 3,
      latest: [['a', 'b', 'c']],
      rowPages: [{ outcomes: { saved: 3 } }],
    });
    expect((await (await rig.startRun()).result()).counts).toMatchObject({ due: 3, saved: 3, kipuCalls: 1 + 1 + 3 });
    expect(rig.steps.count('pullRows 1')).toBe(0);
  });

  it('gives what no row brought a workflow of its own', async () => {
    rig.steps.script({
      ...{ ...three, latest: [['a', 'b', 'c']], pulls: { c: 'failed' } },
      // b has a row without a chart; c is in no row, and still owed.
      ...{ rowPages: [{ outcomes: { saved: 1 }, due: ['b'] }], owed: [['b', 'c']] },
    });
    const { counts } = await (await rig.startRun()).result();
    expect(counts).toMatchObject({ due: 3, saved: 2, failed: 1, kipuCalls: 1 + 1 + 1 + 2 });
    expect(['a', 'b', 'c'].map((id) => rig.steps.count(`pullChart ${id}`))).toEqual([0, 1, 1]);
  });

  it('starts a workflow for what became held, counts it once, and does not wait for it', async () => {
    rig.steps.script({
      ...{ ...three, latest: [['a', 'b', 'c']] },
      rowPages: [{ outcomes: { saved: 1, held: 2 }, held: ['a', 'b'] }],
    });
    const { status, counts } = await (await rig.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toEqual({ ...zeroCounts(), listed: 6, due: 3, saved: 1, held: 2, kipuCalls: 3 });
    await rig.held('a');
    await rig.held('b');
    const patient = rig.patient('b');
    await rig.sleep('2 days');
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'held', hold: { reminders: 1 } });
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
  });

  it('leaves a held one alone whose workflow waits already', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    await rig.startPatient('a');
    await rig.held('a');
    rig.steps.script({ ...three, latest: [['a', 'b']], rowPages: [{ outcomes: { saved: 1, held: 1 }, held: ['a'] }] });
    expect(await (await rig.startRun()).result()).toMatchObject({ status: 'completed', counts: { due: 2, held: 1 } });
    expect(await rig.patient('a').query(stateQuery)).toMatchObject({ doing: 'held' });
  });

  it('falls back by itself, and says so, where a row differs from its chart', async () => {
    rig.steps.script({
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
    const { status, counts, warnings } = await (await rig.startRun()).result();
    expect(status).toBe('completed');
    expect(warnings).toMatchObject([{ code: 'rows-differ' }]);
    expect(rig.steps.closed()).toMatchObject([{ warnings: [{ code: 'rows-differ' }] }]);
    expect(counts).toMatchObject({ due: 5, saved: 5 });
    expect(rig.steps.count('pullRows 2')).toBe(0);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => rig.steps.count(`pullChart ${id}`))).toEqual([1, 1, 1, 1, 1]);
  });

  it.each([
    { name: 'carries charts', rowPages: [{ outcomes: { saved: 3 } }, { outcomes: { saved: 1 } }], pulled: 0 },
    { name: 'does not', rowPages: [{ rows: 'without charts' as const, due: ['a', 'x'] }, {}], pulled: 4 },
  ])('finds out in a full run that its census $name', async ({ rowPages, pulled }) => {
    const census = [['a', 'x'], ['y']];
    rig.steps.script({ mode: 'full', rows: 'try', latest: [['a', 'b']], census, rowPages });
    const { status, counts } = await (await rig.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 4, saved: 4, kipuCalls: 1 + 1 + 2 + pulled + 1 });
    expect(counts).toSatisfy(countsAddUp);
    expect(rig.steps.count('pullRows 1')).toBe(1);
    expect(rig.steps.count('listPage census 1')).toBe(0);
    expect(rig.steps.count('listPage census 2')).toBe(pulled === 0 ? 0 : 1);
  });

  it('goes on in fresh histories in the middle of the rows, and its counts add up over all of them', async () => {
    rig.steps.script({
      ...{ mode: 'full', rows: 'use', latest: [['a', 'b'], ['z']], latestTotal: 9, owed: [['o']] },
      rowPages: [
        { outcomes: { saved: 1, held: 1 }, held: ['b'] },
        { outcomes: { unchanged: 1 }, due: ['c'] },
        { outcomes: { notReady: 2 } },
      ],
    });
    const run = await rig.startRun({ pagesPerHistory: 1 });
    const { counts, runId } = await run.result();
    expect(counts).toEqual({
      ...{ ...zeroCounts(), listed: 9, due: 8, saved: 4, held: 1, unchanged: 1, notReady: 2 },
      kipuCalls: 1 + 2 + 3 + 3 + 1,
    });
    expect(runId).toBe(run.firstExecutionRunId);
    for (const once of ['listPage latest 1', 'pullRows 1', 'pullRows 2', 'pullRows 3', 'listPage latest 2']) {
      expect(rig.steps.count(once), once).toBe(1);
    }
    expect((await rig.executions()).filter(({ workflowId }) => workflowId === run.workflowId)).toHaveLength(6);
  });

  it('keeps over a fresh history which records wait until it is known whether rows carry charts', async () => {
    rig.steps.script({
      ...{ mode: 'full', rows: 'try', latest: [['a', 'b']], census: [['a'], ['x']] },
      rowPages: [{ rows: 'without charts', due: ['a'] }, {}],
    });
    const { counts } = await (await rig.startRun({ pagesPerHistory: 1 })).result();
    expect(counts).toMatchObject({ due: 3, saved: 3 });
    expect(['a', 'b', 'x'].map((id) => rig.steps.count(`pullChart ${id}`))).toEqual([1, 1, 1]);
  });
});
