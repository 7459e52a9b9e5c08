import { type Document, MongoClient } from 'mongodb';
import { afterAll, expect, it, vi } from 'vitest';
import { connectClient } from '../../client/connect.ts';
import { provision } from '../../client/provision.ts';
import { pauseSchedule, triggerRun } from '../../client/schedules.ts';
import { requestUnlock } from '../../client/unlock.ts';
import { knownRuns, waitForRuns } from '../../client/waitForRuns.ts';
import { createLogger } from '../../config/logger.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { startService } from '../../worker/service.ts';
import { patientWorkflowId, stateQuery } from '../../workflows/messages.ts';
import { stopAtEnd } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { temporalServer } from '../support/temporalServer.ts';

const NAME = 'lost';
const service = await serviceForTests({
  policies: { [NAME]: 'always' },
  standIn: { instances: [{ name: NAME, charts: 0 }] },
});
const { standIn, store, settings, instances } = service;
const raw = await MongoClient.connect(service.adminUri);
afterAll(() => raw.close());
const db = raw.db(settings.mongo.database);

const WAIT = { timeout: 20_000, interval: 50 };
const discharged = (destination: string) => ({
  ...{ discharge_date: '2026-01-05 10:00:00', discharge_or_transition_name: destination },
});

/** Returns every document, as a backup has them. */
async function backUp(): Promise<Map<string, Document[]>> {
  const collections = await db.collections();
  return new Map(
    await Promise.all(
      collections.map(async (one) => [one.collectionName, await one.find().toArray()] as [string, Document[]]),
    ),
  );
}

async function restore(backup: ReadonlyMap<string, Document[]>): Promise<void> {
  await db.dropDatabase();
  for (const [name, documents] of backup) if (documents.length > 0) await db.collection(name).insertMany(documents);
  await store.setUp();
}

/** Starts a worker at a Temporal that knows nothing, and returns what the test does there. */
async function startAgain(temporal: TemporalSettings) {
  await provision({ settings, instances, temporal, mongoUri: service.mongo.uri });
  const client = await connectClient(temporal);
  afterAll(() => client.connection.close());
  await pauseSchedule(client, NAME, true);
  const logger = createLogger('silent');
  const worker = startService(
    { settings, temporal, mongoUri: service.mongo.uri, instances, logger },
    new AbortController().signal,
  );
  stopAtEnd(worker);
  await worker;
  return {
    client,
    async fullRun() {
      await store.instances.requestFull(NAME, new Date());
      const known = await knownRuns(store, [NAME]);
      await triggerRun(client, NAME);
      const options = { startWithinMs: 20_000, pollMs: 40, signal: AbortSignal.timeout(60_000) };
      const [ended] = await waitForRuns(store, known, [NAME], undefined, options);
      return ended;
    },
  };
}

/** The stored state by chart, without what a restored service makes anew: ids, times and revisions. */
async function stored() {
  const records = await store.collections.records.find({ instance: NAME }).toArray();
  const referrals = await store.collections.referrals.find({ instance: NAME }).toArray();
  return {
    held: records.flatMap(({ casefileId, status }) => (status === 'held' ? [casefileId] : [])).sort(),
    referrals: Object.fromEntries(
      referrals.map(({ casefileId, status, destination }) => [casefileId, `${status}: ${destination}`]),
    ),
  };
}

it("A MongoDB of yesterday and an empty Temporal lead to today's referrals and holds again, but for what people unlocked", async () => {
  const early = ['Amber Ridge', 'Silver Fern', 'Harbor House'].map(
    (destination) => standIn.add(NAME, discharged(destination)).casefileId,
  );
  const here = standIn.add(NAME).casefileId;
  await service.fullRun(NAME);
  const yesterday = await backUp();
  expect((await stored()).held).toEqual(early.toSorted());

  // What happens after the backup: an unlock, a discharge, and a chart that was not known.
  const [first = ''] = early;
  await service.unlock(await service.record(NAME, first));
  await vi.waitUntil(async () => (await service.referral(NAME, first))?.status === 'open', WAIT);
  standIn.edit(NAME, here, discharged('Blue Heron'));
  const late = standIn.add(NAME, discharged('Quiet Pines')).casefileId;
  await service.fullRun(NAME);
  const today = await stored();
  expect(today.held).toEqual([...early.slice(1), here, late].toSorted());

  await service.worker.stop();
  const server = temporalServer();
  stopAtEnd(server);
  const { stop: _, ...temporal } = await server;
  await restore(yesterday);
  const again = await startAgain(temporal);
  expect(await again.fullRun()).toMatchObject({ mode: 'full', status: 'completed' });

  // The unlock was made after the backup: that record is held again.
  const restored = await stored();
  expect(restored.held).toEqual([...today.held, first].toSorted());
  const held = await store.collections.records.find({ instance: NAME, status: 'held' }).toArray();
  for (const { _id } of held) {
    const workflow = again.client.workflow.getHandle(patientWorkflowId(_id));
    await vi.waitUntil(async () => (await workflow.query(stateQuery).catch(() => null))?.doing === 'held', WAIT);
  }

  const parts = { store, client: again.client, taskQueue: settings.taskQueue };
  const viewer = { who: 'rvale', from: '192.0.2.7' };
  await requestUnlock(parts, await service.record(NAME, first), { viewer, name: 'Robin Vale', why: 'unlocked before' });
  await vi.waitUntil(async () => (await service.referral(NAME, first))?.status === 'open', WAIT);
  expect(await stored()).toEqual(today);
});
