import { it, vi } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import { unlockSignal } from '../../workflows/messages.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { workerPool } from '../support/workerPool.ts';

const NAME = 'late';
const IN_TIME = { timeout: 60_000, interval: 20 };
const ANSWER_MS = 3_000;

const ORDERS = 'orders';

const service = await serviceForTests({
  policies: { [NAME]: 'always', [ORDERS]: 'always' },
  standIn: { instances: [NAME, ORDERS].map((name) => ({ name, charts: 0 })) },
});
const { standIn } = service;
const folder = await temporaryFolder();
// Longer than it takes until Temporal gives up on the frozen worker and retries its activities.
const env = { KIPU_TIMEOUT_SECONDS: '100' };
const pool = await workerPool(service, { instance: NAME, folder, env });
const orderPool = await workerPool(service, { instance: ORDERS, folder, env });
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

it.concurrent('A frozen worker that continues writes nothing over a save, a hold, an unlock or a deletion by another worker', async ({
  expect,
}) => {
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

const steps = ['save', 'hold', 'unlock', 'deletion'] as const;
type Step = (typeof steps)[number];

/** Returns all orders of these steps. */
function orders(of: readonly Step[]): Step[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) => orders(of.filter((step) => step !== first)).map((rest) => [first, ...rest]));
}

/** What KIPU and staff have done to a chart, and what must be stored of it then. */
interface Expected {
  status: 'synced' | 'held' | 'void';
  referral: string;
  /** The destination in KIPU. */
  destination: string;
  unlocked: boolean;
  discharged: boolean;
}

function after(before: Expected, step: Step): Expected {
  if (before.status === 'void') return before;
  if (step === 'deletion') return { ...before, status: 'void', referral: before.referral.replace('open', 'void') };
  const changed = {
    save: { ...before, destination: 'Cedar House' },
    hold: { ...before, destination: 'Dogwood House', discharged: true },
    unlock: { ...before, unlocked: true },
  }[step];
  if (changed.discharged && !changed.unlocked) return { ...changed, status: 'held' };
  return { ...changed, status: 'synced', referral: `open ${changed.destination}` };
}

it.concurrent('A frozen worker that continues writes nothing over a save, a hold, an unlock and a deletion in any order', async ({
  expect,
}) => {
  const known = new Map<string, Expected>();
  const sequences = orders(steps).map((order) => {
    const { casefileId } = standIn.add(ORDERS, to('Amber House'));
    return { order, casefileId };
  });
  const frozen = orderPool.startWorker();
  await frozen.polls;
  await (await orderPool.startRun('first')).result();
  const birch = { status: 'synced', destination: 'Birch House', unlocked: false, discharged: false } as const;
  for (const { casefileId } of sequences) {
    standIn.edit(ORDERS, casefileId, to('Birch House'));
    known.set(casefileId, { ...birch, referral: 'open Amber House' });
  }

  const slow = { kind: 'delay', ms: ANSWER_MS, instance: ORDERS, route: 'chart', times: 'always' } as const;
  const fault = standIn.faults.inject(slow);
  let run = await orderPool.startRun('frozen');
  await vi.waitUntil(() => fault.applied === sequences.length, IN_TIME);
  frozen.signal('SIGSTOP');
  fault.remove();

  const stored = () =>
    Promise.all(
      sequences.map(async ({ order, casefileId }) => {
        const { _id, status } = await orderPool.record(casefileId);
        const referral = await orderPool.store.referrals.get(_id);
        return `${order.join(', ')}: ${status}, ${referral?.status} ${referral?.destination}`;
      }),
    );
  const expected = () =>
    sequences.map(({ order, casefileId }) => {
      const { status, referral } = known.get(casefileId) ?? {};
      return `${order.join(', ')}: ${status}, ${referral}`;
    });
  const happen = async (step: Step | undefined, casefileId: string) => {
    const before = known.get(casefileId);
    if (step === undefined || before === undefined) return;
    if (step === 'unlock') await orderPool.unlock(await orderPool.record(casefileId));
    else if (before.status === 'void') return;
    else if (step === 'deletion') standIn.remove(ORDERS, casefileId);
    else
      standIn.edit(ORDERS, casefileId, step === 'save' ? to('Cedar House') : { ...discharged, ...to('Dogwood House') });
    known.set(casefileId, after(before, step));
  };

  let other: ReturnType<typeof orderPool.startWorker> | null = null;
  for (let round = 0; round < steps.length; round += 1) {
    for (const { order, casefileId } of sequences) await happen(order[round], casefileId);
    other ??= orderPool.startWorker();
    await other.polls;
    await run.result();
    await orderPool.store.instances.requestFull(ORDERS, new Date());
    run = await orderPool.startRun(`full ${round}`);
    await run.result();
    await vi.waitFor(async () => expect(await stored()).toEqual(expected()), IN_TIME);
  }

  frozen.signal('SIGCONT');
  expect(await frozen.end('SIGTERM')).toMatchObject({ code: 0 });
  expect(await stored()).toEqual(expected());
  expect((await (await orderPool.startRun('after')).result()).counts).toMatchObject({ due: 0 });
  expect(await stored()).toEqual(expected());
  await other?.end('SIGTERM');
}, 300_000);
