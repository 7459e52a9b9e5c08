import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { checkTemporal } from '../../cli/doctor/temporal.ts';
import { connectClient } from '../../client/connect.ts';
import { becomeFirstVersion, readDeployment, setCurrentVersion } from '../../client/deployments.ts';
import { requestUnlock } from '../../client/unlock.ts';
import type { Instance } from '../../config/instances.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { DEFAULT_DIGEST, KipuClient } from '../../kipu/index.ts';
import { openStore } from '../../store/connect.ts';
import { versionedBundle } from '../../worker/bundle.ts';
import { installRuntime } from '../../worker/runtime.ts';
import { startWorker } from '../../worker/worker.ts';
import { patientWorkflowId, syncScheduleId } from '../../workflows/messages.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { environmentForTests } from '../support/environment.ts';
import { makeGates } from '../support/gates.ts';
import { mongoForTests, stopAtEnd, temporaryFolder } from '../support/servers.ts';
import { temporalServer } from '../support/temporalServer.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const NAME = 'upgrade';
const DEPLOYMENT = 'referrals';
const IN_TIME = { timeout: 60_000, interval: 50 };
const DISCHARGED = { discharge_date: '2026-01-05 10:00:00', discharge_or_transition_name: 'Cedar House' };

installRuntime({ logger: createLogger('error', { write: () => true }), level: 'error', metricsAddress: null });
const starting = temporalServer();
stopAtEnd(starting);
const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
afterAll(() => standIn.close());
const { uri, db, client: mongo } = await mongoForTests();
const folder = await temporaryFolder();
const store = openStore({ uri, database: db.databaseName });
afterAll(() => store.close());
await store.setUp();
const { stop: _stop, ...temporal } = await starting;
const { address, namespace } = temporal;
const client = await connectClient(temporal);
afterAll(() => client.connection.close());
const settings = readSettings(environmentForTests());
const { taskQueue } = settings;

const [credentials] = standIn.instances;
if (credentials === undefined) throw new Error('the stand-in has no instance');
const { timeZone: _, ...keys } = credentials;
const instance: Instance = { ...keys, digest: DEFAULT_DIGEST, baseUrl: standIn.url, lockPolicy: 'always' };
const gates = makeGates();
const kipu = new KipuClient({ ...instance, beforeCall: () => gates.pass('KIPU') });
afterAll(() => kipu.close());

/** The workflows of this release, and those of a later one. */
const released = await versionedBundle();
const changed = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../replay/later/index.ts', import.meta.url)),
  payloadConverterPath: fileURLToPath(new URL('../../workflows/payloadConverter.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
});

/** Starts a worker of a version, which stops after the tests if it was not stopped before. */
async function startVersion(buildId: string, bundle: WorkflowBundleOption) {
  const connection = await NativeConnection.connect({ address });
  const version = { deploymentName: DEPLOYMENT, buildId };
  const worker = await startWorker({
    ...{ connection, namespace, taskQueue, bundle, graceSeconds: 2, deployment: version },
    context: {
      ...{ store, runs: settings.runs, noticeUrl: null, unlockByHand: true, now: () => new Date() },
      instances: new Map([[NAME, { kipu, lockPolicy: 'always' }]]),
    },
  });
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  const watching = new AbortController();
  const first = becomeFirstVersion(client, version, { log, signal: watching.signal, pauseMs: 50 });
  let stopped: Promise<void> | null = null;
  const stop = async () => {
    watching.abort();
    await Promise.all([worker.stop(), first]);
    await connection.close();
  };
  const stopOnce = () => (stopped ??= stop());
  afterAll(stopOnce);
  await first;
  return { lines, stop: stopOnce };
}

const startRun = (name: string) =>
  client.workflow.start<typeof syncWorkflow>('syncWorkflow', {
    ...{ workflowId: `${syncScheduleId(NAME)}/${name}`, taskQueue, args: [{ instance: NAME }] },
    typedSearchAttributes: [{ key: instanceAttribute, value: NAME }],
  });

/** Returns the versions that worked on a workflow, each once, in their order. */
async function versionsOf(workflowId: string): Promise<unknown[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const done = (events ?? []).flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
  return [...new Set(done.map(({ deploymentVersion }) => deploymentVersion?.buildId))];
}

async function recordOf(casefileId: string) {
  const [found] = await store.records.ofCharts(NAME, [casefileId]);
  if (found === undefined) throw new Error('the chart has no record');
  return found;
}

const workflowOf = async (casefileId: string) => patientWorkflowId((await recordOf(casefileId))._id);

async function unlock(casefileId: string): Promise<void> {
  const person = { viewer: { who: 'rvale', from: 'a test' }, name: 'Robin Vale', why: null };
  await requestUnlock({ store, client, taskQueue }, await recordOf(casefileId), person);
}

/** Waits until the record is unlocked, and expects one referral and one unlock in the audit. */
async function expectUnlockedOnce(casefileId: string): Promise<void> {
  await vi.waitFor(async () => expect(await recordOf(casefileId)).toMatchObject({ status: 'synced' }), IN_TIME);
  const { _id } = await recordOf(casefileId);
  await client.workflow.getHandle(patientWorkflowId(_id)).result();
  expect(await store.referrals.get(_id)).toMatchObject({ revision: 1, destination: 'Cedar House' });
  const unlocks = await store.collections.auditEvents.find({ record: _id, what: 'unlock' }).toArray();
  expect(unlocks.filter(({ outcome }) => outcome === 'unlocked')).toHaveLength(1);
}

it('After an upgrade running syncs end on the version that began them, held records and new syncs are on the new one, and unlocks apply once', async () => {
  const first = await startVersion('1', released);
  expect(first.lines.join('')).toContain('this version is the first of its deployment and gets the work now');
  const held = standIn.add(NAME, DISCHARGED).casefileId;
  await (await startRun('before')).result();
  expect(await recordOf(held)).toMatchObject({ status: 'held' });

  // A run is in progress while the new version starts beside the old one.
  gates.close('KIPU');
  const heldLater = standIn.add(NAME, DISCHARGED).casefileId;
  const during = await startRun('during');
  await gates.reached('KIPU');
  const later = await startVersion('2', changed);
  expect(later.lines.join('')).toContain('another version of the deployment gets new work');
  await setCurrentVersion(client, { name: DEPLOYMENT }, '2');
  gates.open('KIPU');
  expect(await during.result()).toMatchObject({ status: 'completed', counts: { due: 1, held: 1 } });
  expect(await versionsOf(during.workflowId)).toEqual(['1']);

  standIn.add(NAME, { discharge_or_transition_name: 'Cedar House' });
  const after = await startRun('after');
  expect(await after.result()).toMatchObject({ status: 'completed', counts: { due: 1, saved: 1 } });
  expect(await versionsOf(after.workflowId)).toEqual(['2']);
  const { versions, current } = (await readDeployment(client, DEPLOYMENT)) ?? {};
  expect(current).toBe('2');
  expect(versions).toContainEqual({ buildId: '2', status: 'current' });
  expect(versions?.find(({ buildId }) => buildId === '1')?.status).toMatch(/draining|drained/);
  await first.stop();
  const findings = await checkTemporal(temporal, taskQueue, []);
  expect(findings.find(({ check }) => check === 'worker')).toMatchObject({ ok: true });

  for (const casefileId of [held, heldLater]) {
    for (let times = 0; times < 2; times += 1) await unlock(casefileId);
    await expectUnlockedOnce(casefileId);
    expect(await versionsOf(await workflowOf(casefileId))).toEqual(['1', '2']);
  }

  // Without versions again: no worker of this file would get the work.
  await setCurrentVersion(client, { name: DEPLOYMENT }, null);
  expect(await readDeployment(client, DEPLOYMENT)).toMatchObject({ current: null, wasSet: true });
  await later.stop();
});

it('After going back held records of every version are kept, and unlock on the old one where it knows their workflow, else on the next that does', async () => {
  let runs = 0;
  /** Makes a version the current one, and waits until all parts of Temporal know it: runs go to it. */
  const become = async (buildId: string) => {
    await setCurrentVersion(client, { name: DEPLOYMENT }, buildId);
    await vi.waitUntil(async () => {
      runs += 1;
      const probe = await startRun(`back-${runs}`);
      await probe.result();
      return (await versionsOf(probe.workflowId)).join() === buildId;
    }, IN_TIME);
  };
  /** Holds a record by a run of the current version, and returns its chart. */
  const hold = async (run: string) => {
    const { casefileId } = standIn.add(NAME, DISCHARGED);
    const started = await startRun(run);
    expect(await started.result()).toMatchObject({ status: 'completed', counts: { due: 1, held: 1 } });
    return casefileId;
  };
  await startVersion('old', released);
  await become('old');
  const before = await hold('back-before');
  await startVersion('new', released);
  await become('new');
  const onNew = await hold('back-new');
  await startVersion('changed', changed);
  await become('changed');
  const onChanged = await hold('back-changed');
  expect(await versionsOf(await workflowOf(onChanged))).toEqual(['changed']);

  await become('old');
  for (const casefileId of [before, onNew, onChanged]) await unlock(casefileId);
  await expectUnlockedOnce(before);
  await expectUnlockedOnce(onNew);
  expect(await versionsOf(await workflowOf(onNew))).toEqual(['new', 'old']);
  const after = await startRun('back-after');
  expect(await after.result()).toMatchObject({ status: 'completed', counts: { due: 0 } });
  expect(await versionsOf(after.workflowId)).toEqual(['old']);

  // Its history has a step that the old version does not know: the unlock waits, and so does the record.
  const waits = client.workflow.getHandle(await workflowOf(onChanged));
  await vi.waitUntil(async () => {
    const { events } = await waits.fetchHistory();
    return events?.some(({ workflowTaskFailedEventAttributes: failed }) => failed != null);
  }, IN_TIME);
  expect(await recordOf(onChanged)).toMatchObject({ status: 'held' });
  await become('changed');
  await expectUnlockedOnce(onChanged);
});

it('A worker ends with exit code 1, and says what to run, on a database whose migrations are pending', async () => {
  const database = `${db.databaseName}_pending`;
  await mongo.db(database).collection<{ _id: string }>('records').insertOne({ _id: 'r-old' });
  const worker = startWorkerProcess({
    ...{ folder, temporalAddress: address, mongoUri: uri, instances: [instance] },
    env: { MONGODB_DATABASE: database, TEMPORAL_NAMESPACE: namespace },
    atEnd: onTestFinished,
  });
  await expect(worker.polls).rejects.toThrow('4 migrations of this version are not done yet. Run kipu-referrals setup');
  expect(await worker.end('SIGTERM')).toMatchObject({ code: 1, signal: null });
});
