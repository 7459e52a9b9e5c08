import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Patch, startStandIn } from '../../dev/stand-in/index.ts';
import { addDays, addHours, utcDay } from '../../domain/time.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';
const AMBER = { discharge_or_transition_name: 'Amber House' };
const BIRCH = { discharge_or_transition_name: 'Birch House' };

/** Returns an instance with one pulled chart, and functions that list and pull it at a time of the test. */
async function pulledChart(fields: Patch = AMBER, lockPolicy: 'never' | 'always' = 'never') {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
  onTestFinished(standIn.close);
  const { casefileId } = standIn.add(NAME, fields);
  const clock = { now: new Date() };
  const parts = await activitiesInProcess({ uri, standIn, lockPolicy, now: () => clock.now, pageSize: 100 });
  const { store, kipuActivities } = parts;
  const window = { startDay: utcDay(addDays(clock.now, -30)), endDay: utcDay(addDays(clock.now, 1)) };
  const owedNow = () => ({ after: null, runStart: clock.now, now: clock.now, limit: 100 });
  /** Lists the changed charts and returns the ids of due records, then those of owed ones. */
  const due = async () => {
    const page = {
      instance: NAME,
      runId: randomUUID(),
      source: 'latest' as const,
      page: 1,
      last: 1,
      window,
      since: null,
    };
    const [listed] = await inActivity(kipuActivities.listPages, page);
    return [...new Set([...(listed?.due ?? []), ...(await store.records.owed(NAME, owedNow()))])];
  };
  const record = async () => {
    const [found] = await store.records.ofCharts(NAME, [casefileId]);
    if (found === undefined) throw new Error('the chart has no record');
    return found;
  };
  const referral = async () => store.referrals.get((await record())._id);
  const pull = async () => inActivity(kipuActivities.pullChart, { recordId: (await record())._id });
  const pass = (hours: number) => {
    clock.now = addHours(clock.now, hours);
  };
  await due();
  await pull();
  return {
    ...parts,
    standIn,
    casefileId,
    due,
    record,
    referral,
    pull,
    pass,
    edit: (to: Patch) => standIn.edit(NAME, casefileId, to),
  };
}

describe('A chart whose own response is older than its list row', () => {
  it('stays owed until the response has the listed version', async () => {
    const { kipu, casefileId, edit, due, pull, record, referral, pass } = await pulledChart();
    const old = await kipu.chart(casefileId);
    const { _id } = await record();
    pass(1);
    edit(BIRCH);
    expect(await due()).toEqual([_id]);
    vi.spyOn(kipu, 'chart').mockResolvedValueOnce(old);
    await pull();
    expect(await record()).toMatchObject({ status: 'synced', pending: true, failure: null });
    expect(await due()).toEqual([]);

    pass(1);
    expect(await due()).toEqual([_id]);
    expect(await pull()).toMatchObject({ outcome: 'saved' });
    expect(await record()).toMatchObject({ pending: false, behindList: null });
    expect((await referral())?.destination).toBe('Birch House');
  });

  it('is no longer pulled after five pulls, and says so on the record until its chart changes', async () => {
    const { kipu, casefileId, edit, due, pull, record, referral, pass } = await pulledChart();
    const old = await kipu.chart(casefileId);
    edit(BIRCH);
    const read = vi.spyOn(kipu, 'chart').mockResolvedValue(old);
    let pulls = 0;
    for (let hour = 0; hour < 12; hour += 1) {
      if ((await due()).length > 0) {
        await pull();
        pulls += 1;
      }
      pass(1);
    }
    expect(pulls).toBe(5);
    expect(await record()).toMatchObject({
      ...{ status: 'synced', pending: false },
      failure: { code: 'chart-behind-list', times: 5, text: expect.stringContaining('5 pulls') },
    });

    read.mockRestore();
    edit({ discharge_or_transition_name: 'Cedar House' });
    expect(await due()).toHaveLength(1);
    await pull();
    expect(await record()).toMatchObject({ pending: false, failure: null, behindList: null });
    expect((await referral())?.destination).toBe('Cedar House');
  });
});

describe('A chart that was voided because KIPU listed it as deleted', () => {
  it('comes back with its referral when KIPU lists it again, even with the same version', async () => {
    const { store, storeActivities, record, referral, due, pull } = await pulledChart();
    const { _id, listedVersion } = await record();
    const vaulted = { instance: NAME, runId: 'run', page: 1 };
    await store.runPages.note(
      { run: 'run', list: 'vault', page: 1 },
      [(await record()).casefileId],
      ['vault'],
      new Date(),
    );
    await inActivity(storeActivities.voidVaulted, vaulted);
    expect(await record()).toMatchObject({ status: 'void', pending: false });
    expect(await referral()).toMatchObject({ status: 'void' });

    expect(await due()).toEqual([_id]);
    expect(await pull()).toMatchObject({ outcome: 'saved' });
    expect(await record()).toMatchObject({ status: 'synced', pending: false, listedVersion });
    expect(await referral()).toMatchObject({ status: 'open', change: 'restored', revision: 3 });
    expect(await due()).toEqual([]);
  });

  it('stays void while KIPU lists it but returns 404', async () => {
    const { store, standIn, record, referral, due, pull } = await pulledChart();
    const { _id } = await record();
    await store.records.void(await record(), new Date());
    expect(await due()).toEqual([_id]);
    standIn.faults.inject({ kind: 'status', status: 404, instance: NAME, route: 'chart', times: 'always' });
    await pull();
    expect(await record()).toMatchObject({ status: 'void', pending: false, failure: null });
    expect(await due()).toEqual([]);
    expect(await referral()).toMatchObject({ status: 'open' });
  });

  it('is due when it is listed again, also after a pull in between that found nothing', async () => {
    const { store, standIn, record, due, pull } = await pulledChart();
    await store.records.void(await record(), new Date());
    const gone = standIn.faults.inject({
      kind: 'status',
      status: 404,
      instance: NAME,
      route: 'chart',
      times: 'always',
    });
    await pull();
    gone.remove();
    expect(await record()).toMatchObject({ status: 'void', pending: false });
    expect(await due()).toEqual([(await record())._id]);
    await pull();
    expect(await record()).toMatchObject({ status: 'synced' });
  });
});

describe('A chart with an open referral', () => {
  it.each([
    ['becomes a placeholder', { last_name: 'TEST' }, 'ignored', 'placeholder'],
    ['loses a required field', { mr_number: '' }, 'notReady', 'not-ready'],
  ])('that %s has its referral withdrawn, and opened again with the chart', async (_, fields, outcome, change) => {
    const { kipu, casefileId, edit, due, pull, record, referral } = await pulledChart();
    const { lastName } = await kipu.chart(casefileId);
    edit(fields);
    await due();
    expect(await pull()).toMatchObject({ outcome });
    expect(await record()).toMatchObject({ status: outcome });
    expect(await referral()).toMatchObject({ status: 'withdrawn', change, destination: 'Amber House', revision: 2 });
    // Listed again, it adds no further revision.
    edit({ level_of_care: 'PHP' });
    await due();
    await pull();
    expect(await referral()).toMatchObject({ revision: 2 });

    edit({ last_name: lastName ?? '', mr_number: '20001' });
    await due();
    await pull();
    expect(await referral()).toMatchObject({ status: 'open', change: 'restored', destination: 'Amber House' });
  });
});

describe('The locations of an instance', () => {
  it('keep their names while KIPU lists none', async () => {
    const { kipu, store, kipuActivities } = await pulledChart();
    const known = await store.instances.locations(NAME);
    expect(known.length).toBeGreaterThan(0);
    const list = vi.spyOn(kipu, 'locations').mockResolvedValue([]);
    expect(await inActivity(kipuActivities.readLocations, { instance: NAME })).toEqual({ calls: 1, listed: 0 });
    expect(await store.instances.locations(NAME)).toEqual(known);

    list.mockResolvedValue([{ id: '1', name: 'Harbor Detox', enabled: true }]);
    expect(await inActivity(kipuActivities.readLocations, { instance: NAME })).toEqual({ calls: 1, listed: 1 });
    expect(await store.instances.locations(NAME)).toEqual(['Harbor Detox']);
  });
});

describe('An instance that lists no locations', () => {
  it('is asked for them once in a while, and not with each chart', async () => {
    const { standIn, kipu, store, kipuActivities, casefileId, record } = await pulledChart();
    await store.collections.instances.deleteMany({});
    const list = vi.spyOn(kipu, 'locations').mockResolvedValue([]);
    const pull = async (n: number) => {
      standIn.edit(NAME, casefileId, { discharge_or_transition_name: `House ${n}` });
      const { _id } = await record();
      return (await inActivity(kipuActivities.pullChart, { recordId: _id })).calls;
    };
    const calls = [];
    for (let n = 1; n <= 10; n += 1) calls.push(await pull(n));
    expect([calls, list.mock.calls.length]).toEqual([[2, ...Array(9).fill(1)], 1]);

    const long = new Date(Date.now() - 3_600_000);
    await store.collections.instances.updateOne({ _id: NAME }, { $set: { locationsReadAt: long } });
    expect([await pull(11), list.mock.calls.length]).toEqual([2, 2]);
    list.mockResolvedValue([{ id: '1', name: 'House 12', enabled: true }]);
    await inActivity(kipuActivities.readLocations, { instance: NAME });
    expect([await pull(12), list.mock.calls.length]).toEqual([1, 3]);
  });
});

describe('A casefile id that KIPU writes in capitals in some places', () => {
  it('belongs to one record in every list', async () => {
    const { standIn, store, kipuActivities, storeActivities, casefileId, record } = await pulledChart();
    standIn.configure({ all: { casefileCase: 'mixed' } });
    const { _id } = await record();
    const window = { startDay: utcDay(addDays(new Date(), -30)), endDay: utcDay(addDays(new Date(), 1)) };
    for (const source of ['latest', 'census'] as const) {
      const page = { instance: NAME, runId: 'run', source, page: 1, last: 1, window, since: null };
      expect(await inActivity(kipuActivities.listPages, page)).toMatchObject([{ due: [], refused: 0 }]);
    }
    expect(await store.collections.records.countDocuments({ instance: NAME })).toBe(1);

    standIn.remove(NAME, casefileId);
    const vault = { instance: NAME, runId: 'run', page: 1 };
    expect(await inActivity(kipuActivities.listVaulted, vault)).toMatchObject({ found: 1, open: 1 });
    await inActivity(storeActivities.voidVaulted, vault);
    expect(await record()).toMatchObject({ _id, status: 'void' });
  });
});

describe('A webhook that names a chart which KIPU does not know', () => {
  it('leaves a record for three answers of 404, and none afterwards', async () => {
    const { store, kipuActivities, pass } = await pulledChart();
    const masterId = randomUUID();
    const casefileId = `999:${masterId}`;
    const announce = async () => {
      const record = await store.records.ensureRecord(NAME, casefileId, masterId, new Date());
      if (record === null) throw new Error('the chart was not purged');
      return record;
    };
    const { _id } = await announce();
    const pull = () => inActivity(kipuActivities.pullChart, { recordId: _id });
    for (const times of [1, 2]) {
      expect(await pull()).toMatchObject({ outcome: 'failed' });
      expect(await store.records.get(_id)).toMatchObject({ status: 'failed', failure: { code: 'not-found', times } });
      pass(8);
    }
    expect(await pull()).toMatchObject({ outcome: 'failed' });
    expect(await store.records.get(_id)).toBeNull();
    expect(await pull()).toMatchObject({ outcome: 'ignored', calls: 0 });
    // Named again, it begins anew.
    expect((await announce())._id).not.toBe(_id);
  });
});

describe('Pages of a list that are read at once', () => {
  const at = { instance: NAME, source: 'latest' as const, since: null, page: 1, last: 4 };
  const window = { startDay: utcDay(addDays(new Date(), -30)), endDay: utcDay(addDays(new Date(), 1)) };
  const listed = async (pages: number) => {
    const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
    onTestFinished(standIn.close);
    for (let chart = 0; chart < 2 * pages; chart += 1) standIn.add(NAME);
    const options = { uri, standIn, lockPolicy: 'never', now: () => new Date(), pageSize: 2 } as const;
    return { standIn, ...(await activitiesInProcess(options)) };
  };

  it('end with the list, and count every request', async () => {
    const { kipuActivities, standIn } = await listed(3);
    standIn.calls.reset();
    const pages = await inActivity(kipuActivities.listPages, { ...at, runId: randomUUID(), window });
    expect(pages.map(({ due, more }) => [due.length, more])).toEqual([
      [2, true],
      [2, true],
      [2, false],
    ]);
    expect(pages.reduce((sum, { calls }) => sum + calls, 0)).toBe(4);
  });

  it('end before one that fails, and fail where the first one does, which is then asked for alone', async () => {
    const { kipuActivities, standIn } = await listed(4);
    const runId = randomUUID();
    const list = (page: number, attempt = 1) =>
      inActivity(kipuActivities.listPages, { ...at, page, runId, window }, { attempt });
    const failing = standIn.faults.inject({ kind: 'status', status: 503, page: 3, times: 'always' });
    const before = await list(1);
    expect(before.map(({ due }) => due.length)).toEqual([2, 2]);
    await expect(list(3)).rejects.toMatchObject({ code: 'unavailable' });
    failing.remove();
    standIn.calls.reset();
    expect(await list(3, 2)).toMatchObject([{ due: { length: 2 }, more: true }]);
    expect(standIn.calls.count()).toBe(1);
  });
});
