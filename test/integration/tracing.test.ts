import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { addAccount } from '../../client/accounts.ts';
import { createLogger } from '../../config/logger.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { traceOfRun } from '../../domain/traceOfRun.ts';
import { openStore } from '../../store/connect.ts';
import { startTracing } from '../../telemetry/tracing.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { visitor } from '../support/httpVisitor.ts';
import { dischargedPatient, markedPatient, placesContaining } from '../support/patientMarkers.ts';
import { serviceForTests } from '../support/service.ts';

/** A span as OTLP sends it. */
interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
}
interface SentTraces {
  resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[];
}

const requests: SentTraces[] = [];
const receiver = createServer((request, response) => {
  void json(request).then((body) => {
    requests.push(body as SentTraces);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
const port = await freePort();
const [workerMetrics, webMetrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
receiver.listen(port, '127.0.0.1');
afterAll(() => void receiver.close());

const secret = 'an-invented-secret-of-a-webhook';
const service = await serviceForTests({
  env: {
    ...{ METRICS_ADDRESS: workerMetrics, WEB_METRICS_ADDRESS: webMetrics },
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  },
  policies: { north: 'always', south: 'never' },
  standIn: { instances: ['north', 'south'].map((name) => ({ name, charts: 0 })) },
});
const { standIn, store, client, run, record, settings } = service;
const PATIENCE = { timeout: 20_000, interval: 50 };
const password = 'amber-otter-lanterns-44';

/** Returns all spans that were sent, after sending those that wait. */
async function sent(): Promise<SentSpan[]> {
  await (await startTracing(settings.telemetry.tracesUrl))?.flush();
  return requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

/** Waits until the trace with that root, and that id if it is known, has all these spans, and returns its spans. */
async function traceFrom(root: string, names: readonly string[], id?: string): Promise<SentSpan[]> {
  let trace: SentSpan[] = [];
  await vi.waitFor(async () => {
    const spans = await sent();
    const roots = spans.filter(({ name, parentSpanId }) => name === root && !parentSpanId);
    const found = roots.find(({ traceId }) => id === undefined || traceId === id);
    expect(found).toBeDefined();
    trace = spans.filter(({ traceId }) => traceId === found?.traceId);
    expect(trace.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
  }, PATIENCE);
  return trace;
}

/** Returns the spans of a trace whose parent was not sent, without its root. */
function loose(trace: readonly SentSpan[]): string[] {
  const ids = new Set(trace.map(({ spanId }) => spanId));
  return trace.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId)).map(({ name }) => name);
}

describe('A trace', () => {
  const [held, saved] = [dischargedPatient('tracedheld'), markedPatient('tracedsaved')];
  let web: Web;
  let runId: string;

  beforeAll(async () => {
    for (const [instance, { fields }] of [
      ['north', held],
      ['south', saved],
    ] as const)
      standIn.add(instance, fields);
    await run('north');
    runId = (await run('south'))._id;
    const instances = service.instances.map((one) => ({ ...one, webhookSecrets: [secret] }));
    web = await startWeb({
      ...{ settings: { ...settings, web: { ...settings.web, port: 0 } }, mongoUri: service.mongo.uri, instances },
      ...{ temporal: service.temporal, logger: createLogger('silent') },
    });
  });
  afterAll(() => web?.stop());

  it('leads from a run to its calls of KIPU and its writes, and has the run id as its id', async () => {
    const names = [
      ...['RunActivity:openRun', 'RunActivity:listPages', 'GET /api/patients/latest', 'RunActivity:closeRun'],
      ...['RunWorkflow:patientWorkflow', 'RunActivity:pullChart', 'GET /api/patients/{patient_id}', 'update records'],
    ];
    expect(loose(await traceFrom('RunWorkflow:syncWorkflow', names, traceOfRun(runId).traceId))).toEqual([]);
  });

  it('leads from a webhook over the dispatcher to the call of KIPU and the write', async () => {
    standIn.edit('south', saved.fields.casefile_id, {});
    const answer = await fetch(`${web.url}/webhooks/south/chart-update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-webhook-secret': secret },
      body: JSON.stringify({ patient: saved.fields }),
    });
    expect(answer.status).toBe(202);
    const trace = await traceFrom('POST /webhooks/:instance/chart-update', [
      ...['update deliveries', 'dispatch', 'SignalWithStartWorkflow:patientWorkflow', 'RunActivity:pullChart'],
      ...['GET /api/patients/{patient_id}', 'update records'],
    ]);
    expect(loose(trace)).toEqual([]);
  });

  it('leads from a click on Unlock to the call of KIPU and the writes, although the record was held long before', async () => {
    const { _id } = await record('north', held.fields.casefile_id);
    const account = { name: 'rvale', displayName: 'Robin Vale', role: 'staff', instances: '*' } as const;
    await addAccount(store, { ...account, password, mustChangePassword: false }, { who: 'tests', at: new Date() });
    const browser = visitor();
    await browser.submit(await browser.go(`${web.url}/sign-in`), { name: 'rvale', password });
    const page = await browser.go(`${web.url}/records/${_id}`);
    const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(page.body) ?? [];
    const body = new URLSearchParams({ _csrf: token, why: 'a reason that nobody else types' });
    await browser.go(`${web.url}/records/${_id}/unlock`, { method: 'POST', body });
    await vi.waitFor(async () => expect((await store.records.get(_id))?.status).toBe('synced'), PATIENCE);
    const trace = await traceFrom('POST /records/:recordId/unlock', [
      ...['insert unlockRequests', 'SignalWithStartWorkflow:patientWorkflow', 'RunActivity:applyUnlock'],
      ...['RunActivity:pullChart', 'GET /api/patients/{patient_id}', 'update records'],
    ]);
    expect(loose(trace)).toEqual([]);
  });

  it('has nothing of a patient, nothing that a person typed, and no name of an account', async () => {
    await sent();
    const texts = [{ place: 'traces', text: JSON.stringify(requests) }];
    expect(texts[0]?.text).toContain('/webhooks/:instance/chart-update');
    const typed = ['a reason that nobody else types', 'Robin Vale', 'rvale', password, secret];
    const found = [...held.marks, ...saved.marks, ...typed].filter((mark) => placesContaining(mark, texts).length > 0);
    expect(found).toEqual([]);
  });

  it('leaves a history that replays without traces', async () => {
    const ids = [
      (await store.runs.get(runId))?.workflowId ?? '',
      patientWorkflowId((await record('north', held.fields.casefile_id))._id),
    ];
    const histories = await Promise.all(
      ids.map(async (workflowId) => ({
        workflowId,
        history: await client.workflow.getHandle(workflowId).fetchHistory(),
      })),
    );
    expect(JSON.stringify(histories)).toContain('_tracer-data');
    for await (const { error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories))
      expect(error).toBeUndefined();
  });

  it.each([
    [workerMetrics, /^kipu_referrals_kipu_request_duration_seconds_count\{.*\} [1-9]/m, /^temporal_\w+/m],
    [webMetrics, /^kipu_referrals_webhooks_received_total\{.*status="202"\} 1$/m, /^(?!temporal_)/],
  ])('is not all: metrics are served beside it at %s', async (address, own, sdk) => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    expect(text).toMatch(own);
    expect(text).toMatch(sdk);
    expect(text).toMatch(/^kipu_referrals_database_up 1$/m);
    expect(text).toMatch(/^kipu_referrals_temporal_up 1$/m);
    expect(text).toMatch(/^kipu_referrals_records\{kipu_instance="south",status="synced"\} 1$/m);
    expect(text).toMatch(/^kipu_referrals_waiting_deliveries\{kipu_instance="south"\} 0$/m);
    const types = text.match(/^# TYPE \w+/gm) ?? [];
    expect(new Set(types).size).toBe(types.length);
    const marks = [...held.marks, ...saved.marks];
    expect(marks.filter((mark) => placesContaining(mark, [{ place: 'metrics', text }]).length > 0)).toEqual([]);
  });
});

it('The backlog is the deliveries that wait, and since when the oldest does, by instance', async () => {
  const other = openStore({ uri: service.mongo.uri, database: 'backlog' });
  onTestFinished(() => other.close());
  const add = (instance: string, n: number, minute: number) =>
    other.deliveries.add({
      ...{ instance, webhook: 'chart-update', casefileId: `${n}:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe` },
      ...{ webhookId: `msg-${n}`, at: new Date(Date.UTC(2026, 2, 1, 10, minute)) },
    });
  for (const [instance, n, minute] of [
    ['north', 1, 5],
    ['north', 2, 3],
    ['south', 3, 9],
    ['south', 4, 1],
  ] as const)
    await add(instance, n, minute);
  const [first] = await other.deliveries.waiting(null, 1);
  if (first !== undefined) await other.deliveries.markDispatched([first], new Date());
  expect(await other.deliveries.backlog()).toEqual(
    new Map([
      ['north', { count: 2, oldest: new Date(Date.UTC(2026, 2, 1, 10, 3)) }],
      ['south', { count: 1, oldest: new Date(Date.UTC(2026, 2, 1, 10, 9)) }],
    ]),
  );
});
