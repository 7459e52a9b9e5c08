import { beforeAll, describe, expect, it, vi } from 'vitest';
import { requestUnlock } from '../../client/unlock.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { newTicket } from '../../store/ids.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { type WorkerPool, workerPool } from '../support/workerPool.ts';

const NAME = 'signals';
const DISCHARGED = { discharge_date: '2026-01-05 10:00:00', discharge_or_transition_name: 'Amber Ridge Recovery' };
const SIGNALS_AT_ONCE = 50;
/**
 * While signals arrive Temporal fails each workflow task behind which a hundred of them wait. Only after the last signal does
 * a task complete: the worker reads all events once more, and may need several of the ten seconds that a task has.
 */
const CONTINUED = { timeout: 240_000, interval: 200 };

interface Payload {
  metadata?: Record<string, Uint8Array>;
  data?: Uint8Array;
}

const bytes = (text: string) => Buffer.from(text);
const payload = (data: string, encoding = 'json/plain'): Payload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});
const json = (value: unknown) => payload(JSON.stringify(value));

const inputs: [string, Payload[]][] = [
  ['no input', []],
  ['null', [json(null)]],
  ['a number', [json(7)]],
  ['a text', [json('Dana Whitlock')]],
  ['a list', [json([['Dana Whitlock']])]],
  ['an empty object', [json({})]],
  ['a name that is not text', [json({ by: { by: 'Dana Whitlock' } })]],
  ['a ticket that is not text', [json({ ticket: 7 })]],
  ['an unknown ticket', [json({ ticket: newTicket() })]],
  ['a name of 300 characters', [json({ by: 'D'.repeat(300) })]],
  ['a ticket of 1,500 characters', [json({ by: 'Dana Whitlock', ticket: 'u'.repeat(1_500) })]],
  ['text that is not JSON', [payload('Dana Whitlock')]],
  ['valid JSON followed by text that is not', [json({ by: '' }), payload('{')]],
  ['no data', [{ metadata: { encoding: bytes('json/plain') } }]],
  ['an unknown encoding', [payload('Dana Whitlock', 'binary/secret')]],
  ['no encoding', [{ data: bytes('Dana Whitlock') }]],
  ['2 MB', [json({ why: 'w'.repeat(2_000_000) })]],
];

const service = await serviceForTests({
  policies: { [NAME]: 'always' },
  standIn: { instances: [{ name: NAME, charts: 0 }] },
});
const { standIn, client } = service;
const folder = await temporaryFolder();
const pool: WorkerPool = await workerPool(service, { instance: NAME, folder });

async function signal(workflowId: string, signalName: string, payloads: Payload[]): Promise<void> {
  await client.workflowService.signalWorkflowExecution({
    ...{ namespace: service.temporal.namespace, workflowExecution: { workflowId }, signalName },
    ...(payloads.length === 0 ? {} : { input: { payloads } }),
  });
}

async function held(casefileId: string): Promise<RecordDocument> {
  await vi.waitUntil(async () => (await pool.record(casefileId)).status === 'held', { timeout: 20_000 });
  return pool.record(casefileId);
}

async function unlocked(record: RecordDocument): Promise<RecordDocument> {
  const person = { viewer: { who: 'rvale', from: '192.0.2.7' }, name: 'Robin Vale', why: 'discharge checked' };
  const parts = { store: pool.store, client, taskQueue: pool.taskQueue };
  await vi.waitUntil(async () => (await requestUnlock(parts, record, person)).sent, { timeout: 30_000, interval: 500 });
  await vi.waitUntil(async () => (await pool.store.records.get(record._id))?.status === 'synced', { timeout: 60_000 });
  return pool.record(record.casefileId);
}

const byRobin = { status: 'synced', unlocked: { by: 'rvale (Robin Vale)', why: 'discharge checked' } };

describe('A signal', () => {
  let worker: WorkerProcess;
  let ended: boolean;
  const charts = new Map<string, string>();

  beforeAll(async () => {
    for (const name of [
      'unlock',
      'chartChanged',
      'pulled',
      'unknown',
      'many',
      'many-changes',
      'bystander',
      'bystander-of-changes',
    ])
      charts.set(name, standIn.add(NAME, DISCHARGED).casefileId);
    worker = pool.startWorker();
    ended = false;
    void worker.exited.then(() => (ended = true));
    await worker.polls;
    await (await pool.startRun('first')).result();
  });

  const chart = (name: string) => charts.get(name) ?? '';

  it.each(['unlock', 'chartChanged', 'pulled', 'unknown'])(
    '(%s) with any input stops neither the worker nor the workflow: a valid unlock behind it is applied',
    async (name) => {
      const record = await held(chart(name));
      for (const [, payloads] of inputs) await signal(pool.workflowOf(record).workflowId, name, payloads);

      expect(await unlocked(record)).toMatchObject(byRobin);
      expect(ended).toBe(false);
    },
  );

  it('that is an invalid unlock is audited with the reason', async () => {
    const record = await pool.record(chart('unlock'));
    const events = await pool.store.auditEvents.ofRecord(record._id);
    const outcomes = events.filter(({ what }) => what === 'unlock').map(({ outcome }) => outcome.replace(/ \(.*/, ''));
    expect(new Set(outcomes)).toEqual(
      new Set([
        'refused: no name',
        'refused: the name is longer than 200 characters',
        'refused: the ticket is invalid',
        'refused: there is no such ticket',
        'unlocked',
      ]),
    );
    expect(Math.max(...events.map(({ who, why }) => who.length + (why?.length ?? 0)))).toBeLessThanOrEqual(50);
  });

  it.each(['unlock', 'chartChanged', 'pulled', 'unknown'])('(%s) with any input lets a run continue', async (name) => {
    const { casefileId } = standIn.add(NAME);
    const slow = standIn.faults.inject({ kind: 'delay', ms: 2_000, instance: NAME, route: 'chart', casefileId });
    const run = await pool.startRun(`with ${name}`);
    await vi.waitUntil(() => slow.applied > 0, { timeout: 20_000 });
    for (const [, payloads] of inputs) await signal(run.workflowId, name, payloads);

    expect(await run.result()).toMatchObject({ status: 'completed', counts: { due: 1, failed: 0 } });
    expect(ended).toBe(false);
  });

  it('larger than 2 MB is rejected by the server', async () => {
    const record = await pool.record(chart('bystander'));
    const large = json({ by: 'w'.repeat(2_200_000) });
    await expect(signal(pool.workflowOf(record).workflowId, 'unlock', [large])).rejects.toThrow(/size/);
  });

  it.each([
    ['unlock', 'many', 'bystander'],
    ['chartChanged', 'many-changes', 'bystander-of-changes'],
  ])(
    '(%s) sent 10,000 times leaves room for a valid unlock, in histories of bounded length',
    async (name, of, bystander) => {
      const record = await held(chart(of));
      const { workflowId } = pool.workflowOf(record);
      const { runId } = await pool.workflowOf(record).describe();
      const sent = Array.from({ length: SIGNALS_AT_ONCE }, async () => {
        for (let times = 0; times < 10_000 / SIGNALS_AT_ONCE; times += 1) await signal(workflowId, name, []);
      });
      await Promise.all(sent);
      // One execution accepts 10,000 signals, so that an unlock is refused until the workflow has continued as new.
      await vi.waitUntil(async () => (await pool.workflowOf(record).describe()).runId !== runId, CONTINUED);
      expect(await unlocked(record)).toMatchObject(byRobin);

      const { events } = await pool.workflowOf(record).fetchHistory();
      expect(events?.length).toBeLessThan(6_000);
      expect(ended).toBe(false);
      // Another record is not affected.
      expect(await unlocked(await held(chart(bystander)))).toMatchObject(byRobin);
    },
    400_000,
  );
});
