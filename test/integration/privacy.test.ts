import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ActivityContext } from '../../activities/context.ts';
import { createKipuActivities, createStoreActivities, type KipuActivities } from '../../activities/index.ts';
import { pauseSchedule } from '../../client/schedules.ts';
import { freePort } from '../../dev/servers/ports.ts';
import type { Fault } from '../../dev/stand-in/index.ts';
import { type KipuChart, KipuClient } from '../../kipu/index.ts';
import { schemas } from '../../store/schemas.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import { instanceAttribute, kipuTaskQueue, patientWorkflowId, stateQuery } from '../../workflows/messages.ts';
import { dischargedPatient, type Marked, markedPatient, placesOf, type Seen } from '../support/patientMarkers.ts';
import { serviceForTests } from '../support/service.ts';
import { seenAt, seenInTemporal } from '../support/temporalDump.ts';

const metricsAddress = `127.0.0.1:${await freePort()}`;
const HOUSES = ['open', 'locked', 'refused', 'cut-short', 'strict', 'double', 'outage', 'leaky'];

/** What was told to the address of NOTICE_URL. */
const told: string[] = [];
const listener = createServer((request, response) => {
  void text(request).then((body) => {
    told.push(`${JSON.stringify([request.url, request.rawHeaders])}\n${body}`);
    response.end();
  });
});
const noticePort = await freePort();
listener.listen(noticePort, '127.0.0.1');
afterAll(() => void listener.close());

const written: string[] = [];
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  vi.spyOn(stream, 'write').mockImplementation((...given: Parameters<typeof write>) => {
    written.push(String(given[0]));
    return write(...given);
  });
}

const service = await serviceForTests({
  testCommands: true,
  kipuTimeoutMs: 1_000,
  env: {
    LOG_LEVEL: 'debug',
    METRICS_ADDRESS: metricsAddress,
    HEALTH_PORT: '0',
    NOTICE_URL: `http://127.0.0.1:${noticePort}/told`,
  },
  policies: { locked: 'always' },
  standIn: { instances: HOUSES.map((name) => ({ name, charts: 0 })) },
});
const { standIn, store, client, logged, run, fullRun, record, settings } = service;
const mongo = new MongoClient(service.mongo.uri);
afterAll(() => mongo.close());

const PATIENCE = { timeout: 20_000, interval: 30 };

/** Everything that somebody may see who may not see a patient. */
async function everythingSeen(): Promise<Seen[]> {
  const health = `http://127.0.0.1:${service.worker.healthPort}/health`;
  return [
    ...(await seenInTemporal(client)),
    ...logged.map((text) => ({ place: 'log', text })),
    ...written.map((text) => ({ place: 'output', text })),
    ...told.map((text) => ({ place: 'notice', text })),
    await seenAt('metrics', `http://${metricsAddress}/metrics`),
    await seenAt('health', `${health}/live`),
    await seenAt('health', `${health}/ready`),
  ];
}

describe('nothing about a patient', () => {
  const people: Marked[] = [];
  let seen: Seen[];

  function add(instance: string, patient: Marked): string {
    people.push(patient);
    return standIn.add(instance, patient.fields).casefileId;
  }

  const chartFaults: Record<string, Fault> = {
    'not-found': { kind: 'status', status: 404, times: 'always' },
    refused: { kind: 'status', status: 422, times: 'always' },
    'bad-date': { kind: 'bad-field', field: 'discharge_date', value: 'Qzbaddate of somebodyzQ', times: 'always' },
    'bad-name': { kind: 'bad-field', field: 'last_name', value: ['Qzbadname of somebodyzQ'], times: 'always' },
    another: {
      kind: 'bad-field',
      field: 'casefile_id',
      value: '5:feedbeef-0000-4000-8000-00000000beef',
      times: 'always',
    },
    truncated: { kind: 'truncated', times: 'always' },
    'plain-text': { kind: 'content-type', times: 'always' },
    html: { kind: 'html', times: 'always' },
    huge: { kind: 'huge', times: 'always' },
    reset: { kind: 'reset' },
    late: { kind: 'delay', ms: 30_000 },
    down: { kind: 'status', status: 503 },
  };
  const spoilt = ['Qzbaddate of somebodyzQ', 'Qzbadname of somebodyzQ', 'feedbeef-0000-4000-8000-00000000beef'];

  beforeAll(async () => {
    await Promise.all([ordinary(), locked(), refused(), cutShort()]);
    await strict();
    await double();
    await outage();
    seen = await everythingSeen();
  });

  /** Saved, unchanged, changed, withdrawn, not ready, ignored, deleted, and every failure of a chart. */
  async function ordinary(): Promise<void> {
    const saved = add('open', markedPatient('saved'));
    const changed = add('open', dischargedPatient('changed'));
    const cleared = add('open', markedPatient('cleared'));
    const deleted = add('open', markedPatient('deleted'));
    add('open', markedPatient('notready', { mr_number: null }));
    add('open', markedPatient('ignored', { last_name: 'TEST' }));
    for (const [name, fault] of Object.entries(chartFaults)) {
      const casefileId = add('open', markedPatient(name));
      standIn.faults.inject({ ...fault, instance: 'open', route: 'chart', casefileId });
    }
    const id = 'Qzbadid of somebodyzQ';
    spoilt.push(id);
    standIn.faults.inject({ kind: 'bad-casefile', id, instance: 'open', route: 'census' });
    const first = await run('open');
    expect(first.counts).toMatchObject({ refused: 1, saved: 7, notReady: 1, ignored: 1, failed: 9 });

    standIn.edit('open', saved, {});
    standIn.edit('open', changed, { discharge_date: null, last_name: 'Qznewname of somebodyzQ' });
    standIn.edit('open', cleared, { discharge_or_transition_name: '' });
    spoilt.push('Qznewname of somebodyzQ');
    standIn.remove('open', deleted);
    expect((await fullRun('open')).counts).toMatchObject({ unchanged: 1, saved: 2 });
    expect((await record('open', deleted)).status).toBe('void');
  }

  /** Held, changed while held, reminded of, unlocked, unlocked again, unlocked by nobody; one stays held. */
  async function locked(): Promise<void> {
    const [first, second] = [add('locked', dischargedPatient('held')), add('locked', dischargedPatient('unlocked'))];
    expect((await run('locked')).counts).toMatchObject({ held: 2 });
    standIn.edit('locked', first, {});
    await run('locked');
    const held = await record('locked', first);
    const reminding = new MockActivityEnvironment({}, { logger: Runtime.instance().logger });
    const { remindHold } = createStoreActivities(contextOf(settings.taskQueue));
    await expect(reminding.run(remindHold, { recordId: held._id, reminders: 0 })).resolves.toMatchObject({
      held: true,
    });
    await service.unlock(held, { by: '' });
    const other = await record('locked', second);
    await service.unlock(other);
    await vi.waitUntil(async () => (await record('locked', second)).status === 'synced', PATIENCE);
    await service.unlock(other);
    const unlocks = async () => (await store.auditEvents.ofRecord(other._id)).filter(({ what }) => what === 'unlock');
    await vi.waitUntil(async () => (await unlocks()).length === 2, PATIENCE);
    const state = await client.workflow.getHandle(patientWorkflowId(held._id)).query(stateQuery);
    expect(state.doing).toBe('held');
  }

  /** The instance refuses us among its charts. */
  async function refused(): Promise<void> {
    for (const name of ['one', 'two']) add('refused', markedPatient(name));
    standIn.faults.inject({ kind: 'status', status: 401, instance: 'refused', route: 'chart', times: 'always' });
    expect(await run('refused')).toMatchObject({ status: 'failed' });
  }

  /** A list can't be read. */
  async function cutShort(): Promise<void> {
    add('cut-short', markedPatient('cut'));
    standIn.faults.inject({ kind: 'status', status: 422, instance: 'cut-short', route: 'census' });
    expect(await run('cut-short')).toMatchObject({ status: 'incomplete' });
  }

  /** MongoDB's validator refuses the document, and quotes it. */
  async function strict(): Promise<void> {
    const earlier = add('strict', markedPatient('earlier'));
    await run('strict');
    const { _id } = await record('strict', earlier);
    await store.collections.records.updateOne({ _id }, { $set: { pending: true } });
    const casefileId = add('strict', markedPatient('strict'));
    const schema = schemas.records;
    const noChart = { not: { properties: { instance: { enum: ['strict'] }, chart: { bsonType: 'object' } } } };
    const db = mongo.db(settings.mongo.database);
    await db.command({
      collMod: 'records',
      validator: { $jsonSchema: { ...schema, ...noChart } },
      validationLevel: 'strict',
    });
    // Of the earlier one, not even the failure can be stored.
    expect(await fullRun('strict')).toMatchObject({ status: 'incomplete', counts: { due: 2, failed: 2 } });
    expect((await record('strict', casefileId)).failure?.code).toBe('store-refused');
    await db.command({ collMod: 'records', validator: { $jsonSchema: schema }, validationLevel: 'moderate' });
  }

  /** A unique index that somebody else made refuses the document, and quotes it. */
  async function double(): Promise<void> {
    for (const name of ['one', 'other']) add('double', markedPatient(name));
    const from = logged.length;
    const theirs = { instance: 'double', 'chart.dob': { $gt: '1931' } };
    await store.collections.records.createIndex(
      { 'chart.dob': 1 },
      { unique: true, name: 'theirs', partialFilterExpression: theirs },
    );
    const running = run('double');
    await vi.waitUntil(() => logged.slice(from).some((line) => line.includes('store-unavailable')), PATIENCE);
    await store.collections.records.dropIndex('theirs');
    expect((await running).counts).toMatchObject({ saved: 2 });
  }

  /** MongoDB is away for a while in the middle of a run. */
  async function outage(): Promise<void> {
    for (const name of ['one', 'two']) add('outage', markedPatient(`outage${name}`));
    const slow = standIn.faults.inject({ kind: 'delay', ms: 200, instance: 'outage', route: 'chart', times: 'always' });
    const from = logged.length;
    const running = run('outage');
    await vi.waitUntil(() => slow.struck > 0, PATIENCE);
    const failPoint = {
      configureFailPoint: 'failCommand',
      data: { failCommands: ['update', 'insert'], closeConnection: true },
    };
    await mongo.db('admin').command({ ...failPoint, mode: 'alwaysOn' });
    await vi.waitUntil(() => logged.slice(from).some((line) => line.includes('store-unavailable')), PATIENCE);
    await mongo.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    expect((await running).counts).toMatchObject({ saved: 2 });
  }

  it('is in what Temporal, logs, metrics or health show, whatever happens to the chart', () => {
    const marks = [...people.flatMap((patient) => patient.marks), ...spoilt];
    const found = marks.flatMap((mark) => placesOf(mark, seen).map((place) => `${mark} in ${place}`));
    expect(found).toEqual([]);
  });

  it('is missing because nobody looked: what may be seen is found in all these places', async () => {
    const [held] = await store.records.held({ instance: 'locked' }, 1);
    expect(placesOf(held?._id ?? '', seen).sort()).toEqual(['description', 'history', 'list', 'log', 'notice']);
    expect(placesOf('sync/open', seen)).toContain('schedule');
    expect(placesOf('kipu-referrals-kipu', seen)).toContain('metrics');
    expect(placesOf('"ok":true', seen)).toEqual(['health']);
    const logs = ['a step failed', 'a run ended', 'Unlock it to go on', 'store-unavailable', 'store-refused'];
    expect(logs.filter((said) => !placesOf(said, seen).includes('log'))).toEqual([]);
    const codes = ['InstanceFault', 'unauthorized', 'refused', 'timeout', 'connection-lost', 'unavailable'];
    expect(codes.filter((code) => !placesOf(code, seen).includes('history'))).toEqual([]);
  });

  it('although the database has it all', async () => {
    const texts = await Promise.all([
      store.collections.records.find().toArray(),
      store.collections.referrals.find().toArray(),
    ]);
    const stored = [{ place: 'store', text: JSON.stringify(texts) }];
    const [saved] = people;
    const kept = saved?.marks.filter((mark) => placesOf(mark, stored).length > 0);
    expect(kept?.length).toBeGreaterThan(20);
  });
});

describe('the search finds', () => {
  /** Ways to break the rule in a step. */
  const inSteps: Record<string, { place: string; leak: (chart: KipuChart) => unknown }> = {
    'an error’s text': {
      place: 'history',
      leak: (chart) => {
        throw ApplicationFailure.nonRetryable(`can not sync ${chart.lastName}`);
      },
    },
    'an error’s text, encoded for an address': {
      place: 'history',
      leak: (chart) => {
        throw ApplicationFailure.nonRetryable(`GET /api/patients?name=${encodeURIComponent(chart.lastName ?? '')}`);
      },
    },
    'an error’s type': {
      place: 'history',
      leak: (chart) => {
        throw ApplicationFailure.nonRetryable('it failed', chart.lastName);
      },
    },
    'an error’s details': {
      place: 'history',
      leak: (chart) => {
        throw ApplicationFailure.create({ nonRetryable: true, details: [{ who: [chart.lastName] }] });
      },
    },
    'a result': { place: 'history', leak: (chart) => ({ destination: chart.lastName }) },
    'a result’s key': { place: 'history', leak: (chart) => ({ [`${chart.lastName}`]: true }) },
    'a result in capitals': { place: 'history', leak: (chart) => ({ name: chart.lastName?.toUpperCase() }) },
    'a result in base64': {
      place: 'history',
      leak: (chart) => ({ opaque: Buffer.from(`..${chart.lastName}..`).toString('base64') }),
    },
    'a message of the log': { place: 'log', leak: (chart) => Context.current().log.info(`pulled ${chart.lastName}`) },
    'a fact of the log': {
      place: 'log',
      leak: (chart) => Context.current().log.info('pulled', { text: chart.lastName }),
    },
    'a label of a metric': {
      place: 'metrics',
      leak: (chart) =>
        Context.current()
          .metricMeter.createCounter('leaks')
          .add(1, { patient: chart.lastName ?? '' }),
    },
    'what is printed': { place: 'output', leak: (chart) => void process.stderr.write(`${chart.lastName}\n`) },
  };
  /** Ways to break it from outside. */
  const byClients: Record<string, { place: string; leak: (mark: string) => Promise<unknown> }> = {
    'a workflow’s id': { place: 'list', leak: (mark) => start({ workflowId: `patient/${mark}` }) },
    'a memo': { place: 'description', leak: (mark) => start({ memo: { note: mark } }) },
    'a search attribute': {
      place: 'list',
      leak: (mark) => start({ typedSearchAttributes: [{ key: instanceAttribute, value: mark }] }),
    },
    'a signal': {
      place: 'history',
      leak: async (mark) => (await start({})).signal('unlock', { by: 'R. Vale', why: mark }),
    },
    'a schedule’s note': { place: 'schedule', leak: (mark) => pauseSchedule(client, 'leaky', true, `see ${mark}`) },
  };
  const marks = new Map<string, string>();
  let seen: Seen[];

  function start(options: object) {
    const workflowId = `leak/${marks.size}`;
    return client.workflow.start('patientWorkflow', { workflowId, taskQueue: 'nobody', args: [{}], ...options });
  }

  beforeAll(async () => {
    const leaks = new Map<string, (chart: KipuChart) => unknown>();
    for (const [name, { leak }] of Object.entries(inSteps)) {
      const mark = `Qzleak ${leaks.size} of O'somebodyzQ`;
      const { casefileId } = standIn.add('leaky', { last_name: mark });
      leaks.set(casefileId, leak);
      marks.set(name, mark);
    }
    const stop = await startLeakyWorker('leaky', leaks);
    try {
      await client.workflow
        .execute('syncWorkflow', { workflowId: 'leaky-run', taskQueue: 'leaky', args: [{ instance: 'leaky' }] })
        .catch(() => undefined);
    } finally {
      await stop();
    }
    await run('leaky');
    for (const [name, { leak }] of Object.entries(byClients)) {
      marks.set(name, `Qzleak ${name.length}${marks.size} by O'somebodyzQ`);
      await leak(marks.get(name) ?? '');
    }
    await vi.waitUntil(async () => (await client.workflow.count("TaskQueue = 'nobody'")).count === 4, PATIENCE);
    seen = await everythingSeen();
  });

  it.each([...Object.entries(inSteps), ...Object.entries(byClients)])('%s', (name, { place }) => {
    const mark = marks.get(name);
    expect(mark).toBeDefined();
    expect(placesOf(mark ?? '', seen)).toContain(place);
  });
});

function contextOf(taskQueue: string): ActivityContext {
  const instances = service.instances.map(({ name, lockPolicy, ...credentials }) => {
    return [name, { kipu: new KipuClient(credentials), lockPolicy }] as const;
  });
  const { runs, noticeUrl } = settings;
  const workflows = client.workflow;
  return { store, instances: new Map(instances), workflows, taskQueue, runs, noticeUrl, now: () => new Date() };
}

/** A worker without the guard round its steps, whose pull leaks. Gives how to stop it. */
async function startLeakyWorker(
  taskQueue: string,
  leaks: ReadonlyMap<string, (chart: KipuChart) => unknown>,
): Promise<() => Promise<void>> {
  const context = contextOf(taskQueue);
  const { kipu } = context.instances.get('leaky') ?? {};
  const steps: KipuActivities = createKipuActivities(context);
  const pullChart: KipuActivities['pullChart'] = async (input) => {
    const { casefileId = '' } = (await store.records.get(input.recordId)) ?? {};
    const chart = await kipu?.chart(casefileId);
    const leaked = chart && leaks.get(casefileId)?.(chart);
    const report = await steps.pullChart(input);
    return typeof leaked === 'object' ? { ...report, ...leaked } : report;
  };
  const connection = await NativeConnection.connect(service.temporal.connection);
  const workers = await Promise.all([
    Worker.create({
      ...{ connection, taskQueue, workflowBundle: await workflowBundle(), activities: createStoreActivities(context) },
    }),
    Worker.create({ connection, taskQueue: kipuTaskQueue(taskQueue), activities: { ...steps, pullChart } }),
  ]);
  const runs = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
    await Promise.all([...context.instances.values()].map((instance) => instance.kipu.close()));
  };
}
