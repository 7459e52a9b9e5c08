import { afterAll, describe, expect, it } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import { addDays, addHours } from '../../domain/time.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { serviceForTests } from '../support/service.ts';

const ADDED = [
  'many',
  'partial',
  'stale',
  'blank',
  'vanishing',
  'night',
  'vault',
  'closed-vault',
  'doubled',
  'holding',
];
const INSTANCES = [...ADDED.map((name) => ({ name, charts: 0 })), { name: 'mixed', charts: 40 }];

const service = await serviceForTests({
  policies: { holding: 'always' },
  standIn: {
    instances: INSTANCES,
    settings: { all: { rows: 'chart' }, instances: { partial: { rows: 'partial' }, doubled: { rowsTwice: true } } },
  },
});
const { standIn, store, run, fullRun, record, referral, client } = service;
afterAll(() => standIn.close());

/** Adds charts of admitted patients. */
function add(instance: string, times: number, fields: Patch = {}): string[] {
  return Array.from({ length: times }, () => standIn.add(instance, fields).casefileId);
}

/** Runs, and returns the run with the number of requests by route. */
async function counted(instance: string, how: typeof run = run) {
  standIn.calls.reset();
  const ended = await how(instance);
  const calls = Object.fromEntries(
    ['locations', 'latest', 'census', 'vaults', 'chart'].map((route) => [
      route,
      standIn.calls.count({ instance, route: route as 'chart' }),
    ]),
  );
  expect(ended.counts.kipuCalls).toBe(standIn.calls.count({ instance }));
  // What its page links to are the very records that it counted.
  expect(await store.records.countedNow(ended, 'saved')).toBe(ended.counts.saved);
  return { ...ended, calls };
}

function editAll(instance: string, casefileIds: readonly string[], name: string): void {
  for (const id of casefileIds) standIn.edit(instance, id, { discharge_or_transition_name: `${name} House` });
}

async function destinations(instance: string, casefileIds: readonly string[]): Promise<string[]> {
  const found = await Promise.all(casefileIds.map(async (id) => (await referral(instance, id))?.destination ?? ''));
  return [...new Set(found)];
}

describe('Changed charts whose census rows carry them', () => {
  it('need one request per page of a hundred, and no chart request when nothing changed', async () => {
    const ids = add('many', 300);
    const first = await counted('many');
    expect(first).toMatchObject({ mode: 'full', status: 'completed', warnings: [] });
    expect(first.counts).toMatchObject({ listed: 300, due: 300, saved: 300 });
    // One chart is compared with its row.
    expect(first.calls).toEqual({ locations: 1, latest: 1, census: 3, vaults: 1, chart: 1 });

    editAll('many', ids, 'Amber');
    const second = await counted('many');
    expect(second).toMatchObject({ mode: 'incremental', status: 'completed', counts: { due: 300, saved: 300 } });
    expect(second.calls).toEqual({ locations: 1, latest: 1, census: 3, vaults: 0, chart: 0 });
    expect(await destinations('many', ids)).toEqual(['Amber House']);

    const third = await counted('many');
    expect(third).toMatchObject({ counts: { due: 0 }, calls: { census: 0, chart: 0 } });

    // Few, by what takes fewer requests: three pages of the census, or two of changed charts and two charts.
    editAll('many', ids.slice(0, 2), 'Birch');
    const few = await counted('many');
    expect(few.counts).toMatchObject({ due: 2, saved: 2 });
    expect(few.counts.kipuCalls).toBeLessThanOrEqual(5);
  });

  it('of every kind have the required outcome, and the next run finds nothing due', async () => {
    const first = await counted('mixed');
    expect(first).toMatchObject({ status: 'completed', counts: { listed: 40, due: 40, failed: 0 } });
    expect(first.calls.chart).toBeLessThan(10);
    expect(await counted('mixed')).toMatchObject({ counts: { due: 0 }, calls: { chart: 0 } });
  });

  it('are held from their rows, each with a workflow that receives an unlock', async () => {
    const ids = add('holding', 5, {
      discharge_date: '2026-01-05 10:00:00',
      discharge_or_transition_name: 'Amber House',
    });
    const recent = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    for (const id of ids) standIn.edit('holding', id, { discharge_date: `${recent} 10:00:00` });
    const first = await counted('holding');
    expect(first.counts).toMatchObject({ due: 5, held: 5 });
    expect(first.calls.chart).toBe(1);
    for (const id of ids) {
      const held = await record('holding', id);
      const { status } = await client.workflow.getHandle(patientWorkflowId(held._id)).describe();
      expect(status.name).toBe('RUNNING');
    }
    const [one = ''] = ids;
    await service.unlock(await record('holding', one));
    await expect.poll(async () => (await record('holding', one)).status, { timeout: 20_000 }).toBe('synced');
    expect(await referral('holding', one)).toMatchObject({ destination: 'Amber House' });
  });

  it('are counted once when KIPU lists them twice', async () => {
    add('doubled', 120);
    const { counts, status } = await counted('doubled');
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ listed: 120, due: 120, saved: 120 });
  });
});

describe('Rows that are not the chart', () => {
  it('because a field is missing lead to one request per chart', async () => {
    const ids = add('partial', 12);
    expect(await counted('partial')).toMatchObject({
      status: 'completed',
      counts: { saved: 12 },
      calls: { chart: 12 },
    });
    editAll('partial', ids, 'Amber');
    expect(await counted('partial')).toMatchObject({ counts: { saved: 12 }, calls: { census: 0, chart: 12 } });
    expect(await destinations('partial', ids)).toEqual(['Amber House']);
  });

  it('because they are old copies are detected by the daily comparison, cause a warning, and are not read until they are tried again', async () => {
    const ids = add('stale', 12);
    expect(await counted('stale')).toMatchObject({ counts: { saved: 12 }, calls: { chart: 1 } });
    standIn.configure({ instances: { stale: { rows: 'stale' } } });
    await comparedLongAgo('stale');
    editAll('stale', ids, 'Amber');
    const fallen = await counted('stale');
    expect(fallen).toMatchObject({ status: 'completed', warnings: [{ code: 'rows-differ' }], counts: { saved: 12 } });
    expect(await destinations('stale', ids)).toEqual(['Amber House']);
    expect(await store.instances.rowsCarryChart('stale')).toMatchObject({ differs: { fields: expect.any(Array) } });
    expect((await store.notices.list({ instance: 'stale' }, 5)).map(({ text }) => text)).toEqual([
      expect.stringContaining('differed from its chart'),
    ]);

    editAll('stale', ids, 'Birch');
    expect(await counted('stale')).toMatchObject({ warnings: [], counts: { saved: 12 }, calls: { census: 0 } });

    standIn.configure({ instances: { stale: { rows: 'chart' } } });
    editAll('stale', ids, 'Cedar');
    const again = await counted('stale', fullRun);
    expect(again).toMatchObject({ warnings: [], counts: { saved: 12 }, calls: { chart: 1 } });
    expect(await store.instances.rowsCarryChart('stale')).toMatchObject({ value: true, differs: null });
    expect(await destinations('stale', ids)).toEqual(['Cedar House']);
  });

  async function comparedLongAgo(instance: string): Promise<void> {
    const known = await store.instances.rowsCarryChart(instance);
    if (known === null) throw new Error('nothing is known of its rows');
    await store.instances.noteRows(instance, { ...known, comparedAt: addHours(new Date(), -30) });
  }
});

describe('Suspicious lists', () => {
  it('of empty rows change nothing, and the cursor stays', async () => {
    const ids = add('blank', 12);
    await run('blank');
    const before = [await store.runs.lastCompleted('blank', new Date()), await stored('blank')];
    editAll('blank', ids, 'Amber');
    standIn.configure({ instances: { blank: { rows: 'blank' } } });
    for (const how of [run, fullRun]) {
      expect(await counted('blank', how)).toMatchObject({
        ...{ status: 'incomplete', fault: { code: 'blank-lists' }, warnings: [{ code: 'blank-lists' }] },
        ...{ counts: { listed: 0, due: 0 }, calls: { vaults: 0, chart: 0 } },
      });
    }
    expect([await store.runs.lastCompleted('blank', new Date()), await stored('blank')]).toEqual(before);
    standIn.configure({ instances: { blank: { rows: 'chart' } } });
    expect(await counted('blank')).toMatchObject({ status: 'completed', counts: { saved: 12 }, warnings: [] });
    expect(await destinations('blank', ids)).toEqual(['Amber House']);
  });

  it('without most of the roster cause a warning and one notice, and nothing is voided', async () => {
    const ids = add('vanishing', 40);
    await run('vanishing');
    standIn.remove('vanishing', ids[0] ?? '');
    standIn.configure({ instances: { vanishing: { vanished: 0.8 } } });
    for (let night = 0; night < 2; night += 1) {
      const ended = await counted('vanishing', fullRun);
      expect(ended).toMatchObject({
        status: 'completed',
        warnings: [{ code: 'roster-vanished' }],
        calls: { vaults: 0 },
      });
    }
    expect((await store.notices.list({ instance: 'vanishing' }, 5)).length).toBe(1);
    expect(await store.runs.standingWarnings('vanishing')).toMatchObject([{ code: 'roster-vanished' }]);
    expect(await store.records.open('vanishing')).toBe(40);
    standIn.configure({ instances: { vanishing: { vanished: 0 } } });
    expect(await counted('vanishing', fullRun)).toMatchObject({ warnings: [], calls: { vaults: 1 } });
    expect(await store.records.open('vanishing')).toBe(39);
    expect(await store.runs.standingWarnings('vanishing')).toEqual([]);
  });

  it('of more than half of all charts as deleted cause a warning, and nothing is voided', async () => {
    const ids = add('vault', 12);
    await run('vault');
    for (const id of ids) standIn.remove('vault', id);
    // So many others came that the list is as long as ever.
    add('vault', 7);
    expect(await counted('vault', fullRun)).toMatchObject({
      ...{ status: 'completed', warnings: [{ code: 'vault-too-large' }] },
    });
    expect(await store.records.open('vault')).toBe(19);
  });

  it('of deleted charts that KIPU refuses cause a warning, and the run completes', async () => {
    add('closed-vault', 3);
    standIn.configure({ instances: { 'closed-vault': { endpointsOff: ['vaults'] } } });
    const ended = await counted('closed-vault');
    expect(ended).toMatchObject({ mode: 'full', status: 'completed', warnings: [{ code: 'vault-refused' }] });
    expect(await counted('closed-vault')).toMatchObject({ mode: 'incremental', warnings: [] });
    expect(await store.runs.standingWarnings('closed-vault')).toMatchObject([{ code: 'vault-refused' }]);
  });

  it('leave no documents of their pages', async () => {
    expect(await store.collections.runPages.countDocuments()).toBe(0);
  });

  function stored(instance: string) {
    return store.collections.records.find({ instance }).sort({ _id: 1 }).toArray();
  }
});

it('The nightly run finds a discharged chart that a webhook and an hourly listing missed', async () => {
  const [missed = ''] = add('night', 3);
  await run('night');
  const yesterday = addDays(new Date(), -1).toISOString();
  // Its version is older than any list of changed charts reaches back.
  const fields = { discharge_date: yesterday, discharge_or_transition_name: 'Willow House' };
  standIn.edit('night', missed, { ...fields, last_updated_at: addDays(new Date(), -45).toISOString() });
  expect(await counted('night')).toMatchObject({ mode: 'incremental', counts: { due: 0 } });
  expect(await counted('night', fullRun)).toMatchObject({ mode: 'full', counts: { due: 1, saved: 1 } });
  expect(await referral('night', missed)).toMatchObject({ destination: 'Willow House' });
});
