import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startStandIn } from '../../dev/stand-in/index.ts';
import type { Store } from '../../store/connect.ts';
import { schemas } from '../../store/schemas.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';

/** Creates the record of a chart, which is due. Returns its id. */
async function recordOf(store: Store, casefileId: string): Promise<string> {
  const record = await store.records.ensureRecord(NAME, casefileId, casefileId.split(':')[1] ?? '', new Date());
  if (record === null) throw new Error('the chart was purged');
  return record._id;
}

/** Creates an instance whose charts have records that are due. */
async function dueCharts(charts: number, lockPolicy: 'never' | 'always' = 'never') {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
  onTestFinished(standIn.close);
  const parts = await activitiesInProcess({ uri, standIn, lockPolicy, now: () => new Date(), pageSize: 100 });
  const casefileIds = Array.from({ length: charts }, (_, place) => {
    const fields = { discharge_or_transition_name: `Amber House ${place}` };
    return standIn.add(NAME, fields).casefileId;
  });
  const recordIds: string[] = [];
  for (const casefileId of casefileIds) {
    recordIds.push(await recordOf(parts.store, casefileId));
  }
  standIn.calls.reset();
  const key = randomUUID();
  const pull = (attempt = 1) =>
    inActivity(parts.kipuActivities.pullBatch, { recordIds, key, atOnce: 4 }, { name: 'batch', attempt });
  const referrals = () => parts.store.collections.referrals.countDocuments();
  return { ...parts, standIn, casefileIds, recordIds, key, pull, referrals };
}

describe('A batch of pulls', () => {
  it('reads each chart once, and stores the referrals', async () => {
    const at = await dueCharts(30);
    expect(await at.pull()).toEqual({ outcomes: { saved: 30 }, held: [], left: [], calls: 30, refusal: null });
    expect(at.standIn.calls.count({ route: 'chart' })).toBe(30);
    expect(await at.referrals()).toBe(30);
  });

  it('stores the charts that come while others are stored with the same few requests', async () => {
    const at = await dueCharts(30);
    const { instances, records, referrals } = at.store.collections;
    const reads = vi.spyOn(at.kipu, 'chart');
    const allRead = Promise.withResolvers<void>();
    const { find } = at.store.collections.deliveries;
    // The first chart asks for its deliveries before anything else; that answer waits until all charts are read.
    vi.spyOn(at.store.collections.deliveries, 'find').mockImplementationOnce(((...query: Parameters<typeof find>) => {
      const cursor = at.store.collections.deliveries.find(...query);
      const { toArray } = cursor;
      cursor.toArray = () => allRead.promise.then(() => toArray.call(cursor));
      return cursor;
    }) as typeof find);
    const spies = [
      vi.spyOn(instances, 'findOne'),
      vi.spyOn(records, 'bulkWrite'),
      vi.spyOn(records, 'updateOne'),
      vi.spyOn(referrals, 'bulkWrite'),
      vi.spyOn(referrals, 'insertOne'),
    ];
    const pulling = at.pull();
    await expect.poll(() => reads.mock.settledResults.filter(({ type }) => type === 'fulfilled')).toHaveLength(30);
    allRead.resolve();
    expect(await pulling).toMatchObject({ outcomes: { saved: 30 } });
    // Of each kind of request one for the first chart, and one for all the others; of a record, one before its referral and one after.
    const sent = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    expect(sent).toBe(2 + 4 + 2);
  });

  it('repeats nothing that an earlier attempt stored, and counts its requests also where its heartbeat was lost', async () => {
    const at = await dueCharts(12);
    await at.pull();
    at.standIn.calls.reset();
    expect(await at.pull(2)).toMatchObject({ outcomes: { saved: 12 }, calls: 12 });
    expect(at.standIn.calls.count()).toBe(0);
    const revisions = await at.store.collections.referrals.distinct('revision');
    expect(revisions).toEqual([1]);
  });

  it('fails where KIPU asks to wait, keeps what it stored, and continues in the next attempt', async () => {
    const at = await dueCharts(12);
    const last = at.casefileIds[11] ?? '';
    const fault = at.standIn.faults.inject({
      ...{ kind: 'status', status: 429, instance: NAME, route: 'chart', casefileId: last, times: 'always' },
    });
    await expect(at.pull()).rejects.toMatchObject({ code: 'rate-limited' });
    expect(await at.referrals()).toBe(11);
    fault.remove();
    at.standIn.calls.reset();
    expect(await at.pull(2)).toMatchObject({ outcomes: { saved: 12 }, left: [] });
    expect(at.standIn.calls.count({ route: 'chart' })).toBe(1);
    expect(await at.referrals()).toBe(12);
  });

  it('leaves a record whose pull failed for a moment, and pulls the others', async () => {
    const at = await dueCharts(6);
    const [casefileId = ''] = at.casefileIds;
    at.standIn.faults.inject({ kind: 'status', status: 503, instance: NAME, route: 'chart', casefileId });
    expect(await at.pull()).toMatchObject({ outcomes: { saved: 5 }, left: [at.recordIds[0]], calls: 6 });
  });

  it('stores a chart that KIPU does not know as the failure of its record alone', async () => {
    const at = await dueCharts(6);
    const [casefileId = ''] = at.casefileIds;
    at.standIn.remove(NAME, casefileId);
    expect(await at.pull()).toMatchObject({ outcomes: { saved: 5, failed: 1 }, left: [] });
    expect(await at.store.records.get(at.recordIds[0] ?? '')).toMatchObject({ status: 'failed' });
  });

  it('stops where KIPU refuses five charts in a row, and leaves the others due', async () => {
    const at = await dueCharts(20);
    at.standIn.faults.inject({ kind: 'status', status: 403, instance: NAME, route: 'chart', times: 'always' });
    const { outcomes, refusal, left } = await at.pull();
    expect(refusal).toMatchObject({ code: 'forbidden' });
    expect(left).toEqual([]);
    expect(outcomes.failed).toBeGreaterThanOrEqual(5);
    expect(outcomes.failed).toBeLessThan(10);
    expect(at.standIn.calls.count({ route: 'chart' })).toBeLessThan(10);
  });

  it('leaves a record that another pull writes at the same time, and writes nothing over it', async () => {
    const at = await dueCharts(8);
    const [recordId = ''] = at.recordIds;
    const slow = at.standIn.faults.inject({
      kind: 'delay',
      ms: 300,
      instance: NAME,
      route: 'chart',
      casefileId: at.casefileIds[0] ?? '',
    });
    const batch = at.pull();
    await expect.poll(() => slow.applied, { timeout: 5_000 }).toBe(1);
    await inActivity(at.kipuActivities.pullChart, { recordId });
    expect(await batch).toMatchObject({ outcomes: { saved: 7 }, left: [recordId] });
    expect(await at.store.referrals.get(recordId)).toMatchObject({ revision: 1 });
  });

  it('stores one document that MongoDB refuses as the failure of its record, and the others', async () => {
    const at = await dueCharts(6);
    const [, casefileId = ''] = at.casefileIds;
    const mongo = new MongoClient(uri);
    onTestFinished(() => mongo.close());
    const others = { not: { properties: { casefileId: { enum: [casefileId] } } } };
    await mongo.db(at.store.collections.referrals.dbName).command({
      collMod: 'referrals',
      validator: { $jsonSchema: { ...schemas.referrals, ...others } },
      validationLevel: 'strict',
    });
    expect(await at.pull()).toMatchObject({ outcomes: { saved: 5, failed: 1 }, left: [] });
    expect(await at.store.records.get(at.recordIds[1] ?? '')).toMatchObject({ failure: { code: 'store-refused' } });
    expect(await at.referrals()).toBe(5);
  });

  it('names the records that are now held', async () => {
    const at = await dueCharts(0, 'always');
    const { casefileId } = at.standIn.add(NAME, {
      discharge_date: '2026-01-05 10:00:00',
      discharge_or_transition_name: 'Amber House',
    });
    const _id = await recordOf(at.store, casefileId);
    const batch = { recordIds: [_id], key: at.key, atOnce: 4 };
    expect(await inActivity(at.kipuActivities.pullBatch, batch)).toMatchObject({
      outcomes: { held: 1 },
      held: [{ recordId: _id, hold: { reminders: 0 } }],
    });
  });

  it('that was given up has its outcomes counted, and the others stored as failed', async () => {
    const at = await dueCharts(4);
    const [one = '', ...others] = at.recordIds;
    await inActivity(at.kipuActivities.pullBatch, { recordIds: [one], key: at.key, atOnce: 1 });
    const close = { instance: NAME, recordIds: at.recordIds, key: at.key };
    expect(await inActivity(at.storeActivities.closeBatch, { ...close, givenUp: null })).toMatchObject({
      outcomes: { saved: 1 },
    });
    const givenUp = await inActivity(at.storeActivities.closeBatch, { ...close, givenUp: 'KIPU is down' });
    expect(givenUp.outcomes).toEqual({ saved: 1, failed: 3 });
    expect(await at.store.records.get(others[0] ?? '')).toMatchObject({
      pending: true,
      retryAt: null,
      failure: { code: 'given-up' },
    });
  });
});
