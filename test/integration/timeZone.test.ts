import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityContext, InstanceContext } from '../../activities/context.ts';
import { createKipuActivities } from '../../activities/index.ts';
import { localDates } from '../../client/recordViews.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import type { TimeZones } from '../../domain/time.ts';
import { KipuClient } from '../../kipu/index.ts';
import { openStore } from '../../store/connect.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { mongoForTests, stopAtEnd } from '../support/servers.ts';

const ZONES: Record<string, TimeZones> = {
  pacific: { timeZone: 'America/Los_Angeles', locationTimeZones: { 9: 'America/New_York' } },
  unset: {},
};

const starting = startStandIn({ instances: Object.keys(ZONES).map((name) => ({ name, charts: 0 })) });
stopAtEnd(starting.then((standIn) => ({ ...standIn, stop: standIn.close })));
const [standIn, { uri, db }] = await Promise.all([starting, mongoForTests()]);
const store = openStore({ uri, database: db.databaseName });
const { records, referrals } = store;
afterAll(() => store.close());

let now = new Date();
const instances = new Map<string, InstanceContext>(
  standIn.instances.map((credentials) => [
    credentials.name,
    {
      kipu: new KipuClient({ ...credentials, baseUrl: standIn.url }),
      lockPolicy: 'webhook-missing' as const,
      ...ZONES[credentials.name],
    },
  ]),
);
afterAll(() => Promise.all([...instances.values()].map(({ kipu }) => kipu.close())));

beforeAll(async () => {
  await store.setUp();
  for (const name of instances.keys()) await store.instances.keepLocations(name, ['Detox'], now);
});

const context: ActivityContext = {
  ...{ store, instances, taskQueue: 'none', noticeUrl: null, unlockByHand: true, now: () => now },
  runs: { lookBackDays: 30, fullRunHour: 8, maxInFlight: 1, bulkFrom: 50, pageSize: 1, webhookGraceMs: 0 },
  // A pull does not start workflows.
  workflows: undefined as never,
};

async function pull(recordId: string): Promise<RecordDocument> {
  const { pullChart } = createKipuActivities(context);
  await new MockActivityEnvironment({ activityId: randomUUID() }).run(pullChart, { recordId });
  const record = await records.get(recordId);
  if (record === null) throw new Error('no such record');
  return record;
}

/** Returns the record of a new chart that was pulled at this time. */
async function pulledAt(at: string, instance: string, chart: Record<string, string>): Promise<RecordDocument> {
  now = new Date(at);
  const { casefileId } = standIn.add(instance, { discharge_or_transition_name: 'Amber Ridge Recovery', ...chart });
  const row = { casefileId, masterId: casefileId.split(':')[1] ?? '', lastUpdatedAt: at };
  const { due } = await records.upsertListed(instance, [row], now);
  return pull(due[0] ?? '');
}

const owed = (instance: string, at: string) =>
  records.owed(instance, { after: null, runStart: new Date(at), now: new Date(at), limit: 100 });

describe('A discharge planned for a day in another time zone', () => {
  // On 8 March 2026 the clocks of both places go forward.
  it.each([
    ['the zone of the instance', '1', '2026-03-08', '2026-03-08T08:00:00.000Z'],
    ['the zone of the location', '9', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['a clock time that has passed in UTC', '1', '2026-03-08 20:00:00', '2026-03-09T03:00:00.000Z'],
  ])('is pulled again, and held, when it comes in %s', async (_, location, planned, comes) => {
    const early = new Date(Date.parse(comes) - 1_000).toISOString();
    const saved = await pulledAt(early, 'pacific', { discharge_date: planned, location_id: location });
    expect(saved).toMatchObject({ status: 'synced', hold: null, failure: null, pending: true });
    expect([saved.retryAt, saved.dischargedAt]).toEqual([new Date(comes), new Date(comes)]);
    expect(await owed('pacific', early)).not.toContain(saved._id);
    expect((await referrals.get(saved._id))?.dischargeDate).toBe(planned.replace(' ', 'T'));

    expect(await owed('pacific', comes)).toContain(saved._id);
    now = new Date(comes);
    const held = await pull(saved._id);
    expect(held).toMatchObject({ status: 'held', pending: false, retryAt: null, chart: saved.chart });
    expect(localDates(held).discharge).toBe(planned.replace(' ', 'T'));
  });

  it('is sorted by its instant in the list of holds, not by its text', async () => {
    const at = '2026-06-02T12:00:00.000Z';
    // In the order of their instants, which is neither that of the texts nor that of UTC.
    const discharges = [
      { discharge_date: '2026-06-01', location_id: '9' },
      { discharge_date: '2026-06-01T05:30:00Z', location_id: '1' },
      { discharge_date: '2026-06-01', location_id: '1' },
      { discharge_date: '2026-06-01 04:00:00', location_id: '9' },
      { discharge_date: '2026-06-01 01:30:00', location_id: '1' },
    ];
    const held = new Map<string, number>();
    for (const n of [3, 0, 4, 2, 1]) held.set((await pulledAt(at, 'pacific', discharges[n] ?? {}))._id, n);
    const order = (found: RecordDocument[]) => found.map(({ _id }) => held.get(_id)).filter((n) => n !== undefined);
    expect(order(await records.held({ instance: 'pacific' }, 100))).toEqual([0, 1, 2, 3, 4]);
    expect(order((await records.heldPage({ instances: ['pacific'] }, null, 100)).found)).toEqual([0, 1, 2, 3, 4]);
  });
});

it('An admission at local midnight keeps its day on the referral and on the pages', async () => {
  const chart = { admission_date: '2026-03-03T00:00:00-08:00', location_id: '1' };
  const record = await pulledAt('2026-03-04T12:00:00.000Z', 'pacific', chart);
  expect(localDates(record).admission).toBe('2026-03-03');
  expect((await referrals.get(record._id))?.admissionDate).toBe('2026-03-03');
});

it('Records are read again once when the settings name another zone', async () => {
  const at = '2026-03-20T06:00:00.000Z';
  const lasting = { discharge_date: '2026-03-25T01:00:00Z', location_id: '1' };
  const [held, open] = [
    await pulledAt(at, 'unset', { discharge_date: '2026-03-20', location_id: '1' }),
    await pulledAt(at, 'unset', lasting),
  ];
  expect([held.status, held.timeZone, open.status]).toEqual(['held', 'UTC', 'synced']);
  const states = async () => [await records.get(held._id), await records.get(open._id)];
  await records.rezone('unset', {});
  expect(await states()).toEqual([held, open]);

  const zones = { timeZone: 'America/Los_Angeles' };
  await records.rezone('unset', zones);
  const after = await states();
  expect(after).toMatchObject([
    { status: 'held', hold: held.hold, pending: false, dischargedAt: new Date('2026-03-20T07:00:00Z') },
    { status: 'synced', pending: true, retryAt: null, timeZone: 'America/Los_Angeles' },
  ]);
  expect(await owed('unset', at)).toEqual([open._id]);
  await records.rezone('unset', zones);
  expect(await states()).toEqual(after);

  Object.assign(instances.get('unset') ?? {}, zones);
  await pull(open._id);
  expect(await referrals.get(open._id)).toMatchObject({ revision: 2, dischargeDate: '2026-03-24T18:00:00' });
});
