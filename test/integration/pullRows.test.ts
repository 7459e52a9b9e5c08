import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Patch, startStandIn } from '../../dev/stand-in/index.ts';
import { addDays, addHours, utcDay } from '../../domain/time.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';
const A = { discharge_or_transition_name: 'Amber House' };
const B = { discharge_or_transition_name: 'Birch House' };
const WHY = { by: 'Robin Vale', why: null, at: new Date(), key: 'an unlock' };

/** Creates an instance with this many charts, already pulled from rows once. */
async function pulledOnce(charts: number, fields: Patch = A, lockPolicy: 'never' | 'always' = 'never') {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }], settings: { all: { rows: 'chart' } } });
  onTestFinished(standIn.close);
  const ids = Array.from({ length: charts }, () => standIn.add(NAME, fields).casefileId);
  const parts = await activitiesInProcess({ uri, standIn, lockPolicy, now: () => new Date(), pageSize: 100 });
  const window = { startDay: utcDay(addDays(new Date(), -30)), endDay: utcDay(addDays(new Date(), 1)) };
  /** Reads the page, each time as the page of another run. */
  const pull = (activity: { name?: string; attempt?: number } = {}, runId: string = activity.name ?? randomUUID()) =>
    inActivity(parts.kipuActivities.pullRows, { instance: NAME, runId, page: 1, window }, activity);
  const first = await pull();
  const record = async (casefileId = ids[0] ?? '') => {
    const [found] = await parts.store.records.ofCharts(NAME, [casefileId]);
    if (found === undefined) throw new Error('the chart has no record');
    return found;
  };
  return { ...parts, standIn, ids, pull, first, record };
}

/** Runs `work` after KIPU answered the census and before its rows are stored. */
function afterCensusAnswer(
  { kipu }: Pick<Awaited<ReturnType<typeof pulledOnce>>, 'kipu'>,
  work: () => Promise<unknown>,
) {
  const original = kipu.censusPage.bind(kipu);
  vi.spyOn(kipu, 'censusPage').mockImplementationOnce(async (...query) => {
    const answer = await original(...query);
    await work();
    return answer;
  });
}

describe('A page of the census read as charts', () => {
  it('does not write a record that another pull wrote after the request', async () => {
    const at = await pulledOnce(2);
    const { standIn, ids, kipuActivities, store, record } = at;
    const [one = '', other = ''] = ids;
    for (const id of ids) standIn.edit(NAME, id, B);
    afterCensusAnswer(at, async () => {
      // A webhook was faster, and the chart was edited once more.
      standIn.edit(NAME, one, { discharge_or_transition_name: 'Cedar House' });
      await inActivity(kipuActivities.pullChart, { recordId: (await record(one))._id });
    });
    const page = await at.pull();
    expect(page.pulled?.outcomes).toEqual({ saved: 1 });
    expect(page.due).toEqual([(await record(one))._id]);
    expect((await store.referrals.get((await record(one))._id))?.destination).toBe('Cedar House');
    expect((await store.referrals.get((await record(other))._id))?.destination).toBe('Birch House');
  });

  it('shares revisions with other pages of its run, and leaves what was written since to a pull of its own', async () => {
    const at = await pulledOnce(2);
    const read = vi.spyOn(at.store.collections.records, 'find');
    const revisionsRead = () => read.mock.calls.filter(([, options]) => options?.projection?.rev === 1).length;
    await at.pull({}, 'one run');
    for (const id of at.ids) at.standIn.edit(NAME, id, B);
    // As the changed charts of the run list it: the record is owed.
    const [one = ''] = at.ids;
    await inActivity(at.kipuActivities.pullChart, { recordId: (await at.record(one))._id });
    at.standIn.edit(NAME, one, A);
    const page = await at.pull({}, 'one run');
    expect(page).toMatchObject({ due: [(await at.record(one))._id], pulled: { outcomes: { saved: 1 } } });
    expect(revisionsRead()).toBe(1);
    await at.pull({}, 'another run');
    expect(revisionsRead()).toBe(2);
  });

  it('does not write the record of a new chart that a webhook created after the request', async () => {
    const at = await pulledOnce(1);
    const { casefileId } = at.standIn.add(NAME, A);
    const masterId = casefileId.split(':')[1] ?? '';
    afterCensusAnswer(at, () => at.store.records.ensureRecord(NAME, casefileId, masterId, new Date()));
    const page = await at.pull();
    expect(page).toMatchObject({ due: [(await at.record(casefileId))._id], pulled: { outcomes: {} } });
  });

  it('does not write a record that was unlocked after the request, because its own workflow pulls it', async () => {
    const held = { ...A, discharge_date: `${utcDay(addDays(new Date(), -1))} 10:00:00` };
    const at = await pulledOnce(1, held, 'always');
    expect(at.first.pulled).toMatchObject({
      outcomes: { held: 1 },
      held: [{ recordId: (await at.record())._id, hold: { reminders: 0 } }],
    });
    at.standIn.edit(NAME, at.ids[0] ?? '', B);
    afterCensusAnswer(at, async () => at.store.records.unlock((await at.record())._id, WHY));
    expect(await at.pull()).toMatchObject({ pulled: { outcomes: {} } });
    expect(await at.record()).toMatchObject({ status: 'unlocked', pending: true });
  });

  it('counts in a second attempt what the first attempt pulled', async () => {
    const at = await pulledOnce(5);
    for (const id of at.ids) at.standIn.edit(NAME, id, B);
    const first = await at.pull({ name: 'a page' });
    const again = await at.pull({ name: 'a page', attempt: 2 });
    expect(first).toMatchObject({ calls: 1, due: [], pulled: { outcomes: { saved: 5 } } });
    expect(again).toEqual({ ...first, calls: 2, said: { ...first.said, due: 0 } });
    expect((await at.pull()).pulled?.outcomes).toEqual({});
  });

  it('compares one row a day, and another one when the chart was edited between the requests', async () => {
    const at = await pulledOnce(4);
    const compared = async () => (await at.store.instances.rowsCarryChart(NAME))?.comparedAt ?? null;
    expect(at.first.calls).toBe(2);
    const known = await at.store.instances.rowsCarryChart(NAME);
    if (known === null) throw new Error('nothing is known of its rows');
    for (const id of at.ids) at.standIn.edit(NAME, id, B);
    expect((await at.pull()).calls).toBe(1);

    await at.store.instances.noteRows(NAME, { ...known, comparedAt: addHours(new Date(), -25) });
    for (const id of at.ids) at.standIn.edit(NAME, id, A);
    const chart = at.kipu.chart.bind(at.kipu);
    vi.spyOn(at.kipu, 'chart').mockImplementationOnce(async (id, call) => {
      at.standIn.edit(NAME, id, B);
      return chart(id, call);
    });
    const before = await compared();
    const page = await at.pull();
    expect(page).toMatchObject({ calls: 3, pulled: { outcomes: { saved: 4 }, rowsDiffer: false } });
    expect((await compared())?.getTime()).toBeGreaterThan(before?.getTime() ?? 0);
  });

  it('writes nothing from rows that cannot be compared, and leaves each chart to its own pull', async () => {
    const at = await pulledOnce(0);
    for (let n = 0; n < 5; n += 1) at.standIn.add(NAME, A);
    at.standIn.faults.inject({ kind: 'status', status: 404, instance: NAME, route: 'chart', times: 'always' });
    const page = await at.pull();
    expect(page).toMatchObject({ calls: 1 + 3, pulled: { outcomes: {}, rowsDiffer: false } });
    expect(page.due).toHaveLength(5);
  });
});
