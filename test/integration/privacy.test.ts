import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ActivityContext } from '../../activities/context.ts';
import { createKipuActivities, createStoreActivities, type KipuActivities } from '../../activities/index.ts';
import { addAccount } from '../../client/accounts.ts';
import { createLogger } from '../../config/logger.ts';
import { freePort } from '../../dev/servers/ports.ts';
import type { Fault } from '../../dev/stand-in/index.ts';
import { anchorsInLog } from '../../domain/audit.ts';
import { REFUSED_IN_A_ROW } from '../../domain/fault.ts';
import { type KipuChart, KipuClient } from '../../kipu/index.ts';
import { notifyRecipients } from '../../notices/recipients.ts';
import { schemas } from '../../store/schemas.ts';
import { startWeb } from '../../web/server.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import { kipuTaskQueue, patientWorkflowId, stateQuery, syncScheduleId } from '../../workflows/messages.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import { commandLine } from '../support/commandLine.ts';
import { visitor } from '../support/httpVisitor.ts';
import {
  dischargedPatient,
  type ExposedText,
  type MarkedPatient,
  markedPatient,
  placesContaining,
} from '../support/patientMarkers.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { temporalTexts, textAt } from '../support/temporalDump.ts';

const metricsAddress = `127.0.0.1:${await freePort()}`;
const INSTANCES = [
  'open',
  'rows',
  'locked',
  'refused',
  'unknown-client',
  'bad-signature',
  'unknown-app',
  'cut-short',
  'strict',
  'double',
  'outage',
  'leaky',
  'typed',
];

/** A text in the bodies of refusals, beside KIPU's fixed texts. */
const QUOTED = 'Qzrefusal about somebodyzQ';
const REFUSALS = [
  ['unknown-client', 401, 'API Client app not found', 'unknown-client'],
  ['bad-signature', 403, 'API Client app failed to authenticate', 'authentication-failed'],
  ['unknown-app', 403, 'Invalid or Missing Recipient', 'unknown-recipient'],
] as const;

/** The requests to NOTICE_URL. */
const notices: string[] = [];
const listener = createServer((request, response) => {
  void text(request).then((body) => {
    notices.push(`${JSON.stringify([request.url, request.rawHeaders])}\n${body}`);
    response.end();
  });
});
const noticePort = await freePort();
listener.listen(noticePort, '127.0.0.1');
afterAll(() => void listener.close());

const written: string[] = [];
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  vi.spyOn(stream, 'write').mockImplementation((...args: Parameters<typeof write>) => {
    written.push(String(args[0]));
    return write(...args);
  });
}

const service = await serviceForTests({
  testCommands: true,
  kipuTimeoutMs: 1_000,
  env: {
    LOG_LEVEL: 'debug',
    METRICS_ADDRESS: metricsAddress,
    HEALTH_PORT: '0',
    NOTICE_URL: `http://127.0.0.1:${noticePort}/notices`,
  },
  policies: { locked: 'always', rows: 'always', typed: 'always' },
  standIn: {
    instances: INSTANCES.map((name) => ({ name, charts: 0 })),
    settings: { instances: { rows: { rows: 'chart' } } },
  },
});
const { standIn, store, client, logged, run, fullRun, record, settings } = service;
const mongo = new MongoClient(service.mongo.uri);
afterAll(() => mongo.close());

const PATIENCE = { timeout: 20_000, interval: 30 };

/** Returns everything that is visible to people who may not see patients. */
async function exposedTexts(): Promise<ExposedText[]> {
  const health = `http://127.0.0.1:${service.worker.healthPort}/health`;
  return [
    ...(await temporalTexts(client, settings.taskQueue)),
    ...logged.map((text) => ({ place: 'log', text })),
    ...written.map((text) => ({ place: 'output', text })),
    ...notices.map((text) => ({ place: 'notice', text })),
    await textAt('metrics', `http://${metricsAddress}/metrics`),
    await textAt('health', `${health}/live`),
    await textAt('health', `${health}/ready`),
  ];
}

describe('Patient data', () => {
  const people: MarkedPatient[] = [];
  let exposed: ExposedText[];

  function add(instance: string, patient: MarkedPatient): string {
    people.push(patient);
    return standIn.add(instance, patient.fields).casefileId;
  }

  const chartFaults: Record<string, Fault> = {
    'not-found': { kind: 'status', status: 404, errors: QUOTED, times: 'always' },
    refused: { kind: 'status', status: 422, errors: QUOTED, times: 'always' },
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
  const faultValues = [
    QUOTED,
    'Qzbaddate of somebodyzQ',
    'Qzbadname of somebodyzQ',
    'feedbeef-0000-4000-8000-00000000beef',
  ];

  beforeAll(async () => {
    await Promise.all([ordinary(), fromRows(), locked(), refused(), cutShort()]);
    await strict();
    await double();
    await outage();
    await messages();
    exposed = await exposedTexts();
  });

  /** Sends every notice and the digests of all instances to a recipient. */
  async function messages(): Promise<void> {
    const at = new Date(new Date().setUTCHours(23, 30));
    const target = `http://127.0.0.1:${noticePort}/recipient`;
    const secret = `whsec_${Buffer.from('an invented key of 24 B.').toString('base64')}`;
    await store.recipients.add({
      ...{ name: 'desk', channel: 'webhook', target, secret, instances: '*', subscriptions: ['digest', 'trouble'] },
      ...{ hour: 0, account: null, createdAt: new Date(0), createdBy: 'tests' },
    });
    await notifyRecipients({
      ...{ store, instances: INSTANCES, noticeUrl: settings.noticeUrl, channels: { mail: null, webUrl: null } },
      ...{ log: { warn: () => undefined }, now: () => at },
    });
  }

  /** Saves, changes, withdraws, ignores and deletes charts, and makes every failure of a chart. */
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
    faultValues.push(id);
    standIn.faults.inject({ kind: 'bad-casefile', id, instance: 'open', route: 'census' });
    const first = await run('open');
    expect(first.counts).toMatchObject({ refused: 1, saved: 7, notReady: 1, ignored: 1, failed: 9 });

    standIn.edit('open', saved, {});
    standIn.edit('open', changed, { discharge_date: null, last_name: 'Qznewname of somebodyzQ' });
    standIn.edit('open', cleared, { discharge_or_transition_name: '' });
    faultValues.push('Qznewname of somebodyzQ');
    standIn.remove('open', deleted);
    expect((await fullRun('open')).counts).toMatchObject({ unchanged: 1, saved: 2 });
    expect((await record('open', deleted)).status).toBe('void');
  }

  /** Pulled from rows of the census: saved, held, not ready, one whose row differs from its chart, all rows empty. */
  async function fromRows(): Promise<void> {
    const saved = add('rows', markedPatient('fromrow'));
    add('rows', markedPatient('heldrow', { discharge_date: new Date(Date.now() - 86_400_000).toISOString() }));
    add('rows', markedPatient('notreadyrow', { mr_number: null }));
    const first = await run('rows');
    expect(first).toMatchObject({ status: 'completed', counts: { saved: 1, held: 1, notReady: 1 } });
    expect(standIn.calls.count({ instance: 'rows', route: 'chart' })).toBe(1);

    const known = await store.instances.rowsCarryChart('rows');
    if (known !== null) await store.instances.noteRows('rows', { ...known, comparedAt: null });
    standIn.configure({ instances: { rows: { rows: 'stale' } } });
    standIn.edit('rows', saved, { discharge_or_transition_name: 'Qznewhouse of somebodyzQ' });
    faultValues.push('Qznewhouse of somebodyzQ');
    expect(await fullRun('rows')).toMatchObject({ warnings: [{ code: 'rows-differ' }], counts: { saved: 1 } });
    standIn.configure({ instances: { rows: { rows: 'blank' } } });
    expect(await run('rows')).toMatchObject({ status: 'incomplete' });
  }

  /** Holds, changes, reminds of and unlocks records, also twice and without a name; one stays held. */
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
    await client.workflow.getHandle(patientWorkflowId(held._id)).signal('unlock', { by: '' });
    const other = await record('locked', second);
    await service.unlock(other);
    await vi.waitUntil(async () => (await record('locked', second)).status === 'synced', PATIENCE);
    await service.unlock(other);
    const unlocks = async () => (await store.auditEvents.ofRecord(other._id)).filter(({ what }) => what === 'unlock');
    await vi.waitUntil(async () => (await unlocks()).length === 2, PATIENCE);
    const state = await client.workflow.getHandle(patientWorkflowId(held._id)).query(stateQuery);
    expect(state.doing).toBe('held');
  }

  /** The instance refuses us among its charts: so many in a row are not the fault of single charts. */
  async function refused(): Promise<void> {
    for (let times = 1; times <= REFUSED_IN_A_ROW; times += 1) add('refused', markedPatient(`refused ${times}`));
    standIn.faults.inject({ kind: 'status', status: 401, instance: 'refused', route: 'chart', times: 'always' });
    expect(await run('refused')).toMatchObject({ status: 'failed' });
    for (const [instance, status, fixed, code] of REFUSALS) {
      add(instance, markedPatient(instance));
      const errors = `Access Denied - ${fixed} ${QUOTED}`;
      const injected = standIn.faults.inject({ kind: 'status', status, errors, instance, times: 'always' });
      expect(await run(instance)).toMatchObject({ status: 'failed', fault: { code } });
      expect(standIn.calls.count({ instance })).toBe(1);
      injected.remove();
    }
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

  /** Makes a unique index of an operator reject a document, with its values in the error. */
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
    await vi.waitUntil(() => slow.applied > 0, PATIENCE);
    const failPoint = {
      configureFailPoint: 'failCommand',
      data: { failCommands: ['update', 'insert'], closeConnection: true },
    };
    await mongo.db('admin').command({ ...failPoint, mode: 'alwaysOn' });
    await vi.waitUntil(() => logged.slice(from).some((line) => line.includes('store-unavailable')), PATIENCE);
    await mongo.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    expect((await running).counts).toMatchObject({ saved: 2 });
  }

  it('is not in Temporal, logs, metrics, notices or health, whatever happens to the chart', () => {
    const marks = [...people.flatMap((patient) => patient.marks), ...faultValues];
    const found = marks.flatMap((mark) => placesContaining(mark, exposed).map((place) => `${mark} in ${place}`));
    expect(found).toEqual([]);
  });

  it('would be found there: the same search finds other texts in all these places', async () => {
    const [held] = await store.records.held({ instance: 'locked' }, 1);
    expect(placesContaining(held?._id ?? '', exposed).sort()).toEqual([
      'description',
      'history',
      'list',
      'log',
      'metadata',
      'signal',
    ]);
    expect(placesContaining('Summary of locked for', exposed)).toEqual(['notice']);
    for (const kind of ['digest', 'trouble'])
      expect(placesContaining(`"type":"notification.${kind}"`, exposed)).toEqual(['notice']);
    expect(placesContaining('sync/open', exposed)).toContain('schedule');
    expect(placesContaining('open · sync', exposed)).toEqual(expect.arrayContaining(['metadata', 'schedule']));
    const shown = ['Held since', 'Done: saved', 'run: completed', 'policy-always', 'Unlocks the record. Input'];
    expect(shown.filter((said) => !placesContaining(said, exposed).includes('metadata'))).toEqual([]);
    const summaries = ['next reminder (day 1)', 'listed by run', 'pull after unlock', 'page 1 of changed charts'];
    expect(summaries.filter((said) => !placesContaining(said, exposed).includes('history'))).toEqual([]);
    expect(placesContaining('kipu-referrals-kipu', exposed)).toContain('metrics');
    expect(placesContaining('"ok":true', exposed)).toEqual(['health']);
    const logs = [
      'an activity failed',
      'a run ended',
      'Unlock it on the page Locked records',
      'differed from its chart',
      'store-unavailable',
      'store-refused',
    ];
    expect(logs.filter((said) => !placesContaining(said, exposed).includes('log'))).toEqual([]);
    const codes = ['InstanceFault', 'unauthorized', 'refused', 'timeout', 'connection-lost', 'unavailable'];
    expect(codes.filter((code) => !placesContaining(code, exposed).includes('history'))).toEqual([]);
  });

  it('is not needed to detect a rewritten audit: each run logs the place and the hash of the last entry', async () => {
    await run('open');
    // The line follows the end of the run.
    await vi.waitUntil(() => anchorsInLog(logged.join('\n')).length > 0, PATIENCE);
    const anchors = anchorsInLog(logged.join('\n'));
    expect(await store.auditEvents.verify(anchors)).toMatchObject({ broken: 0 });
  });

  it('is in the database', async () => {
    const texts = await Promise.all([
      store.collections.records.find().toArray(),
      store.collections.referrals.find().toArray(),
    ]);
    const stored = [{ place: 'store', text: JSON.stringify(texts) }];
    const [saved] = people;
    const kept = saved?.marks.filter((mark) => placesContaining(mark, stored).length > 0);
    expect(kept?.length).toBeGreaterThan(20);
  });
});

describe('What people type', () => {
  /** Returns a patient's name, as somebody may type it, in the field of this name. */
  const typed = (field: string) => `Qztyped ${field} of somebodyzQ`;
  const password = 'seven quiet herons';
  const byHand = typed('reason of a signal');
  let exposed: ExposedText[];
  /** What came back to the person who typed it. */
  const answered: string[] = [];

  beforeAll(async () => {
    const charts = Array.from({ length: 7 }, (_, n) => standIn.add('typed', dischargedPatient(`typed${n}`).fields));
    await run('typed');
    const held = await Promise.all(charts.map(({ casefileId }) => record('typed', casefileId)));
    const [one, two, three, four, five] = held.map(({ _id }) => _id);
    await onPages(one ?? '', [two ?? '', three ?? '']);

    const command = await commands();
    await command('unlock', four ?? '', '--why', typed('command reason'), '--by', typed('command name'));
    const signal = { by: typed('name of a signal'), why: byHand, note: byHand };
    await client.workflow.getHandle(patientWorkflowId(five ?? '')).signal('unlock', signal);
    const isSynced = async (id: string | undefined) => (await store.records.get(id ?? ''))?.status === 'synced';
    await vi.waitUntil(() => isSynced(five), PATIENCE);
    await command(
      'unlock',
      '--all',
      '--instance',
      'typed',
      '--why',
      typed('bulk command reason'),
      '--by',
      typed('bulk'),
    );
    await command('audit', '--person', typed('audit person'));
    await command('schedule', 'pause', 'typed', '--why', typed('schedule reason'));
    expect(await store.records.held({ instance: 'typed' }, 10)).toEqual([]);
    exposed = await exposedTexts();
  });

  /** Signs in, searches, and unlocks one record and several. */
  async function onPages(one: string, several: string[]): Promise<void> {
    const account = { name: 'rvale', displayName: typed('display name'), role: 'staff', instances: '*' } as const;
    await addAccount(store, { ...account, password, mustChangePassword: false }, { who: 'tests', at: new Date() });
    const web = await startWeb({
      ...{ settings: { ...settings, web: { ...settings.web, port: 0 } }, mongoUri: service.mongo.uri },
      ...{ temporal: service.temporal, instances: service.instances },
      logger: createLogger('debug', { write: (line) => void logged.push(line) }),
    });
    try {
      const browser = visitor();
      const signIn = () => browser.go(`${web.url}/sign-in`);
      await browser.submit(await signIn(), { name: typed('sign-in name'), password: typed('password') });
      await browser.submit(await signIn(), { name: 'rvale', password });
      const form = async (path: string, fields: string[][], at: string) => {
        const page = await browser.go(`${web.url}${path}`);
        const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(page.body) ?? [];
        const body = new URLSearchParams([['_csrf', token], ...fields]);
        const answer = await browser.go(`${web.url}${at}`, { method: 'POST', body });
        expect(answer.status).toBe(200);
        answered.push(answer.body);
        return answer.url.pathname;
      };
      const ids = several.map((id) => ['recordId', id]);
      await form('/held', [['typed', typed('search')]], '/search');
      await form(`/records/${one}/unlock`, [['why', typed('reason')]], `/records/${one}/unlock`);
      const chosen = await form('/held', ids, '/held/unlock');
      await form(chosen, [['why', typed('reason of several')]], chosen);
    } finally {
      await web.stop();
    }
  }

  async function commands() {
    const folder = await temporaryFolder();
    const file = join(folder, 'instances.json');
    await writeFile(file, JSON.stringify(service.instances));
    return async (...args: string[]) => {
      const { code, out, err } = await commandLine(args, {
        ...{ DATA_DIR: folder, KIPU_INSTANCES_FILE: file, TASK_QUEUE: settings.taskQueue, LOG_LEVEL: 'debug' },
        ...{ MONGODB_URI: service.mongo.uri, MONGODB_DATABASE: settings.mongo.database },
        ...{ TEMPORAL_ADDRESS: service.temporal.address, TEMPORAL_NAMESPACE: service.temporal.namespace },
      });
      expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
      answered.push(out);
    };
  }

  it.each([
    ...['display name', 'sign-in name', 'password', 'search', 'reason', 'reason of several', 'command reason'],
    ...['command name', 'bulk command reason', 'bulk', 'audit person', 'schedule reason'],
  ])('as %s is not in Temporal, logs, metrics, notices or health', (field) => {
    expect(placesContaining(typed(field), exposed)).toEqual([]);
  });

  it('as the name of a signal is in its event, and in the input of the activity that audits it', () => {
    expect(placesContaining(typed('name of a signal'), exposed).sort()).toEqual(['history', 'signal']);
  });

  it('as the reason of a signal is in the event of that signal alone, and is not read', async () => {
    expect(placesContaining(byHand, exposed)).toEqual(['signal']);
    const stored = await Promise.all([
      store.collections.records.find().toArray(),
      store.collections.auditEvents.find().toArray(),
      store.collections.unlockRequests.find().toArray(),
    ]);
    expect(JSON.stringify(stored)).not.toContain(byHand);
  });

  it('arrived: who and why are in the database, and Temporal has the tickets', async () => {
    const requests = await store.collections.unlockRequests.find({ instance: 'typed' }).toArray();
    const reasons = requests.map(({ why }) => why).sort();
    const wanted = ['reason', 'reason of several', 'reason of several', 'command reason', 'bulk command reason'];
    expect(new Set(reasons)).toEqual(new Set(wanted.map(typed)));
    expect(requests.map(({ applied }) => applied?.outcome)).toEqual(requests.map(() => 'unlocked'));
    for (const { _id } of requests) expect(placesContaining(_id, exposed).sort()).toEqual(['history', 'signal']);
    const hand = await store.collections.auditEvents.find({ what: 'unlock', who: /by hand/ }).toArray();
    expect(hand).toMatchObject([
      { who: `${typed('name of a signal')} (by hand in Temporal, not verified)`, why: null, outcome: 'unlocked' },
    ]);
    const paused = await store.collections.auditEvents.find({ what: 'schedule-changed' }).toArray();
    expect(paused).toMatchObject([{ instance: 'typed', why: typed('schedule reason'), outcome: 'paused' }]);
    expect(answered.join('\n')).toContain(typed('search'));
  });
});

describe('The search for patient data', () => {
  /** Leaks in an activity. */
  const inActivities: Record<string, { place: string; leak: (chart: KipuChart) => unknown }> = {
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
    'a log message': { place: 'log', leak: (chart) => Context.current().log.info(`pulled ${chart.lastName}`) },
    'a log field': {
      place: 'log',
      leak: (chart) => Context.current().log.info('pulled', { text: chart.lastName }),
    },
    'a metric label': {
      place: 'metrics',
      leak: (chart) =>
        Context.current()
          .metricMeter.createCounter('leaks')
          .add(1, { patient: chart.lastName ?? '' }),
    },
    'printed output': { place: 'output', leak: (chart) => void process.stderr.write(`${chart.lastName}\n`) },
  };
  /** Leaks by clients. */
  const byClients: Record<string, { place: string; leak: (mark: string) => Promise<unknown> }> = {
    'a workflow’s id': { place: 'list', leak: (mark) => start({ workflowId: `patient/${mark}` }) },
    'a memo': { place: 'description', leak: (mark) => start({ memo: { note: mark } }) },
    'a search attribute': {
      place: 'list',
      leak: (mark) => start({ typedSearchAttributes: [{ key: instanceAttribute, value: mark }] }),
    },
    'a static summary': { place: 'metadata', leak: (mark) => start({ staticSummary: mark }) },
    'static details': { place: 'metadata', leak: (mark) => start({ staticDetails: `see **${mark}**` }) },
    'a signal': { place: 'signal', leak: async (mark) => (await start({})).signal('chartChanged', { note: mark }) },
    'a schedule’s note': {
      place: 'schedule',
      leak: (mark) => client.schedule.getHandle(syncScheduleId('leaky')).pause(`see ${mark}`),
    },
  };
  const marks = new Map<string, string>();
  let exposed: ExposedText[];

  function start(options: object) {
    const workflowId = `leak/${marks.size}`;
    return client.workflow.start('patientWorkflow', { workflowId, taskQueue: 'unused', args: [{}], ...options });
  }

  beforeAll(async () => {
    const leaks = new Map<string, (chart: KipuChart) => unknown>();
    for (const [name, { leak }] of Object.entries(inActivities)) {
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
    await vi.waitUntil(async () => (await client.workflow.count("TaskQueue = 'unused'")).count === 6, PATIENCE);
    exposed = await exposedTexts();
  });

  it.each([...Object.entries(inActivities), ...Object.entries(byClients)])('finds it in %s', (name, { place }) => {
    const mark = marks.get(name);
    expect(mark).toBeDefined();
    expect(placesContaining(mark ?? '', exposed)).toContain(place);
  });
});

function contextOf(taskQueue: string): ActivityContext {
  const instances = service.instances.map(({ name, lockPolicy, ...credentials }) => {
    return [name, { kipu: new KipuClient(credentials), lockPolicy }] as const;
  });
  const { runs, noticeUrl } = settings;
  const workflows = client.workflow;
  return {
    store,
    instances: new Map(instances),
    workflows,
    taskQueue,
    runs,
    noticeUrl,
    unlockByHand: true,
    now: () => new Date(),
  };
}

/** Starts a worker without the failure interceptor, whose pull leaks. Returns a function that stops it. */
async function startLeakyWorker(
  taskQueue: string,
  leaks: ReadonlyMap<string, (chart: KipuChart) => unknown>,
): Promise<() => Promise<void>> {
  const context = contextOf(taskQueue);
  const { kipu } = context.instances.get('leaky') ?? {};
  const activities: KipuActivities = createKipuActivities(context);
  const pullChart: KipuActivities['pullChart'] = async (input) => {
    const { casefileId = '' } = (await store.records.get(input.recordId)) ?? {};
    const chart = await kipu?.chart(casefileId);
    const leaked = chart && leaks.get(casefileId)?.(chart);
    const report = await activities.pullChart(input);
    return typeof leaked === 'object' ? { ...report, ...leaked } : report;
  };
  const { namespace } = service.temporal;
  const connection = await NativeConnection.connect(service.temporal.connection);
  const workers = await Promise.all([
    Worker.create({
      ...{ connection, namespace, taskQueue, workflowBundle: await workflowBundle() },
      activities: createStoreActivities(context),
    }),
    Worker.create({
      ...{ connection, namespace, taskQueue: kipuTaskQueue(taskQueue) },
      activities: { ...activities, pullChart },
    }),
  ]);
  const runs = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
    await kipu?.close();
  };
}
