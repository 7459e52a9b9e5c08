import { expect, it, vi } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import { unlockSignal } from '../../workflows/messages.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { workerPool } from '../support/workerPool.ts';

const NAME = 'late';
const IN_TIME = { timeout: 60_000, interval: 20 };
const ANSWER_MS = 3_000;

const service = await serviceForTests({
  policies: { [NAME]: 'always' },
  standIn: { instances: [{ name: NAME, charts: 0 }] },
});
const { standIn } = service;
const folder = await temporaryFolder();
// Longer than it takes until Temporal gives up on the frozen worker and retries its activities.
const pool = await workerPool(service, { instance: NAME, folder, env: { KIPU_TIMEOUT_SECONDS: '100' } });
const { store } = pool;

const to = (name: string): Patch => ({ discharge_or_transition_name: name });
const discharged = { ...to('Cedar House'), discharge_date: '2026-01-05 10:00:00' };

/** What happens to a chart while the first attempt to pull it is frozen, and what must be stored in the end. */
const cases: { name: string; edit: Patch | 'delete'; unlock?: true; status: string; referral: string }[] = [
  { name: 'save', edit: to('Cedar House'), status: 'synced', referral: 'open Cedar House' },
  { name: 'hold', edit: discharged, status: 'held', referral: 'open Amber House' },
  { name: 'unlock', edit: discharged, unlock: true, status: 'synced', referral: 'open Cedar House' },
  { name: 'deletion', edit: 'delete', status: 'void', referral: 'void Amber House' },
];

it('A frozen worker that continues writes nothing over a save, a hold, an unlock or a deletion by another worker', async () => {
  const charts = new Map(cases.map(({ name }) => [name, standIn.add(NAME, to('Amber House')).casefileId]));
  const chart = (name: string) => charts.get(name) ?? '';
  const frozen = pool.startWorker();
  await frozen.polls;
  await (await pool.startRun('first')).result();

  // The first worker has each pull in progress, and KIPU has sent the answers, when it freezes.
  for (const casefileId of charts.values()) standIn.edit(NAME, casefileId, to('Birch House'));
  const slow = { kind: 'delay', ms: ANSWER_MS, instance: NAME, route: 'chart', times: 'always' } as const;
  const fault = standIn.faults.inject(slow);
  const answered = () => standIn.calls.count({ instance: NAME, route: 'chart' });
  const before = answered();
  const run = await pool.startRun('second');
  await vi.waitUntil(() => fault.applied === cases.length, IN_TIME);
  frozen.signal('SIGSTOP');
  await vi.waitUntil(() => answered() === before + cases.length, IN_TIME);
  fault.remove();

  for (const { name, edit, unlock } of cases) {
    if (edit === 'delete') standIn.remove(NAME, chart(name));
    else standIn.edit(NAME, chart(name), edit);
    if (unlock) await pool.workflowOf(await pool.record(chart(name))).signal(unlockSignal, { by: 'Robin Vale' });
  }
  const other = pool.startWorker();
  await other.polls;
  await run.result();
  await store.instances.requestFull(NAME, new Date());
  await (await pool.startRun('full')).result();
  const stored = async () =>
    Promise.all(
      cases.map(async ({ name }) => {
        const { _id, status, chart: known } = await pool.record(chart(name));
        const referral = await store.referrals.get(_id);
        return { name, status, chart: known?.destination, referral: `${referral?.status} ${referral?.destination}` };
      }),
    );
  const expected = cases.map(({ name, status, referral }) => ({ name, status, referral }));
  await vi.waitFor(async () => expect(await stored()).toMatchObject(expected), IN_TIME);
  const settled = await stored();

  frozen.signal('SIGCONT');
  // It finishes what it has in progress.
  expect(await frozen.end('SIGTERM')).toMatchObject({ code: 0 });
  expect(await stored()).toEqual(settled);

  expect((await (await pool.startRun('after')).result()).counts).toMatchObject({ due: 0 });
  expect(await stored()).toEqual(settled);
  await other.end('SIGTERM');
}, 180_000);
