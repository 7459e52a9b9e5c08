import { Collection } from 'mongodb';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { pullOutcomes } from '../../domain/pull.ts';
import { patientStart, patientWorkflowId } from '../../workflows/messages.ts';
import { expectedOutcome } from '../support/expectedOutcomes.ts';
import { serviceForTests } from '../support/service.ts';

const POLICIES: Record<string, LockPolicy> = {
  'north-harbor': 'webhook-missing',
  'cedar-grove': 'never',
  'blue-mesa': 'always',
  unlocking: 'webhook-missing',
  waiting: 'webhook-missing',
  deleting: 'webhook-missing',
};
const EMPTY = ['unlocking', 'waiting', 'deleting', 'changes', 'returning', 'announced'];

const service = await serviceForTests({
  policies: POLICIES,
  standIn: {
    instances: [
      ...['north-harbor', 'cedar-grove', 'blue-mesa'].map((name) => ({ name, charts: 40 })),
      { name: 'quiet', charts: 30 },
      ...EMPTY.map((name) => ({ name, charts: 0 })),
    ],
  },
});
const { standIn, store, client, run, fullRun, record, referral } = service;

const DISCHARGED = { discharge_date: '2026-01-05 10:00:00', discharge_or_transition_name: 'Amber Ridge Recovery' };

afterEach(() => {
  vi.restoreAllMocks();
});

function add(instance: string, fields: Patch = {}): string {
  return standIn.add(instance, fields).casefileId;
}

/** Returns the number of calls for single charts since the last reset. */
function chartCalls(instance: string): number {
  return standIn.calls.count({ instance, route: 'chart' });
}

async function untilStatus(instance: string, casefileId: string, status: string): Promise<void> {
  await vi.waitUntil(async () => (await record(instance, casefileId)).status === status, { timeout: 20_000 });
}

describe('The first run', () => {
  it.each(['north-harbor', 'cedar-grove', 'blue-mesa'])(
    'leads to the required outcome of every chart of %s',
    async (name) => {
      const policy = POLICIES[name] ?? 'never';
      const ended = await run(name);
      const charts = standIn.charts(name);
      const expected = charts.map((chart) => ({
        chart: chart.casefileId,
        ...expectedOutcome(chart, policy, new Date()),
      }));

      const made = await Promise.all(
        charts.map(async ({ casefileId }) => {
          const { status } = await record(name, casefileId);
          return { chart: casefileId, status, destination: (await referral(name, casefileId))?.destination ?? null };
        }),
      );
      expect(made).toEqual(expected);

      const tally = (status: string) => expected.filter((one) => one.status === status).length;
      expect(ended).toMatchObject({ mode: 'full', status: 'completed', fault: null, workflowId: expect.any(String) });
      expect(ended.counts).toEqual({
        ...{ listed: 40, due: 40, refused: 0, failed: 0, unchanged: 0 },
        ...{ saved: tally('synced'), held: tally('held'), notReady: tally('notReady'), ignored: tally('ignored') },
        kipuCalls: standIn.calls.count({ instance: name }),
      });
      const linked = await Promise.all(pullOutcomes.map((outcome) => store.records.countedNow(ended, outcome)));
      expect(linked).toEqual(pullOutcomes.map((outcome) => ended.counts[outcome]));
      expect(ended.counts.due).toBe(tally('synced') + tally('held') + tally('notReady') + tally('ignored'));
      // The comparison proves little unless every kind of chart occurred.
      for (const status of ['synced', 'notReady', 'ignored']) expect(tally(status)).toBeGreaterThan(0);
      expect(tally('held') > 0).toBe(policy !== 'never');
    },
  );
});

describe('A second run without changes', () => {
  it('starts no patient workflow, writes no record or referral, and reads no chart', async () => {
    const instance = 'quiet';
    const patients = `WorkflowType = 'patientWorkflow' AND Instance = '${instance}'`;
    const syncs = `WorkflowType = 'syncWorkflow' AND Instance = '${instance}' AND ExecutionStatus = 'Completed'`;
    const counted = async (query: string) => (await client.workflow.count(query)).count;
    const stored = () =>
      Promise.all([
        store.collections.records.find({ instance }).sort({ _id: 1 }).toArray(),
        store.collections.referrals.find({ instance }).sort({ _id: 1 }).toArray(),
      ]);
    await run(instance);
    await vi.waitUntil(async () => (await counted(patients)) === 30 && (await counted(syncs)) === 1);
    const before = await stored();
    standIn.calls.reset();
    const writes = spyOnWrites();

    const second = await run(instance);

    expect(second).toMatchObject({ mode: 'incremental', status: 'completed', counts: { due: 0, refused: 0 } });
    expect(second.counts.listed).toBeGreaterThan(0);
    expect(writes().filter((name) => name === 'records' || name === 'referrals')).toEqual([]);
    expect(writes()).toContain('runs');
    expect(await stored()).toEqual(before);
    expect(chartCalls(instance)).toBe(0);
    expect(standIn.calls.count({ instance })).toBe(second.counts.kipuCalls);
    await vi.waitUntil(async () => (await counted(syncs)) === 2);
    expect(await counted(patients)).toBe(30);
    const { events } = await client.workflow.getHandle(second.workflowId, second._id).fetchHistory();
    expect(events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toEqual([]);
  });

  /** Collects the names of the collections that this process writes to from now on. */
  function spyOnWrites(): () => string[] {
    const methods = ['insertOne', 'insertMany', 'updateOne', 'updateMany', 'bulkWrite', 'findOneAndUpdate'] as const;
    const others = ['replaceOne', 'findOneAndReplace', 'deleteOne', 'deleteMany', 'findOneAndDelete'] as const;
    const spies = [...methods, ...others].map((method) => vi.spyOn(Collection.prototype, method));
    return () =>
      spies.flatMap((spy) => spy.mock.contexts.map((at) => (at instanceof Collection ? at.collectionName : '')));
  }
});

describe('An unlock', () => {
  it('pulls the chart at once, makes its referral and is in the audit', async () => {
    const casefileId = add('unlocking', DISCHARGED);
    await run('unlocking');
    const held = await record('unlocking', casefileId);
    expect(held).toMatchObject({ status: 'held', hold: { reason: 'webhook-missing', changesWaiting: 0 } });
    expect(await referral('unlocking', casefileId)).toBeNull();
    standIn.calls.reset();
    const runs = await store.runs.list({ instance: 'unlocking' }, 10);

    await service.unlock(held, { account: 'rvale', name: 'Robin Vale', why: 'discharge checked' });
    await untilStatus('unlocking', casefileId, 'synced');

    expect(await referral('unlocking', casefileId)).toMatchObject({
      ...{ _id: held._id, status: 'open', revision: 1, change: 'made', destination: 'Amber Ridge Recovery' },
      ...{ instance: 'unlocking', casefileId, dischargeDate: '2026-01-05T10:00:00' },
    });
    expect(standIn.calls.log).toMatchObject([{ instance: 'unlocking', route: 'chart', status: 200 }]);
    expect(await store.runs.list({ instance: 'unlocking' }, 10)).toEqual(runs);
    const asked = { record: held._id, instance: 'unlocking', why: 'discharge checked', at: expect.any(Date) };
    const events = await store.auditEvents.ofRecord(held._id);
    expect(events).toHaveLength(2);
    expect(events).toMatchObject([
      { ...asked, who: 'rvale', what: 'unlock-requested', outcome: 'sent' },
      { ...asked, who: 'rvale', name: 'Robin Vale', what: 'unlock', outcome: 'unlocked' },
    ]);
    await expect(client.workflow.getHandle(patientWorkflowId(held._id)).result()).resolves.toMatchObject({
      outcome: 'saved',
    });
  });

  it('keeps the record open: a later discharge or correction is pulled by the next run', async () => {
    const casefileId = add('unlocking', DISCHARGED);
    await run('unlocking');
    await service.unlock(await record('unlocking', casefileId));
    await untilStatus('unlocking', casefileId, 'synced');

    standIn.edit('unlocking', casefileId, { discharge_or_transition_name: 'Willow Bend House' });
    const next = await run('unlocking');

    expect(next.counts).toMatchObject({ due: 1, saved: 1, held: 0 });
    expect(await referral('unlocking', casefileId)).toMatchObject({ revision: 2, destination: 'Willow Bend House' });
  });
});

describe('A change of a held record', () => {
  it('is counted and not pulled, and the unlock pulls the current chart', async () => {
    const casefileId = add('waiting', DISCHARGED);
    await run('waiting');
    standIn.calls.reset();

    standIn.edit('waiting', casefileId, { discharge_or_transition_name: 'Gull Point House' });
    const first = await run('waiting');
    const idle = await run('waiting');
    standIn.edit('waiting', casefileId, { discharge_or_transition_name: 'Two Rivers House' });
    await run('waiting');

    expect([first.counts.due, idle.counts.due, chartCalls('waiting')]).toEqual([0, 0, 0]);
    const held = await record('waiting', casefileId);
    expect(held).toMatchObject({ status: 'held', hold: { changesWaiting: 2 } });
    expect(held.chart?.destination).toBe('Amber Ridge Recovery');

    await service.unlock(held);
    await untilStatus('waiting', casefileId, 'synced');
    expect(await referral('waiting', casefileId)).toMatchObject({ revision: 1, destination: 'Two Rivers House' });
    expect(chartCalls('waiting')).toBe(1);
  });
});

describe('A chart deleted in KIPU', () => {
  it('is voided by the next full run only, with its hold or referral', async () => {
    const referred = add('deleting', { discharge_or_transition_name: 'Copper Vale House' });
    const held = add('deleting', DISCHARGED);
    await run('deleting');
    standIn.remove('deleting', referred);
    standIn.remove('deleting', held);

    expect(await run('deleting')).toMatchObject({ mode: 'incremental', status: 'completed' });
    expect(await referral('deleting', referred)).toMatchObject({ status: 'open', revision: 1 });

    expect(await fullRun('deleting')).toMatchObject({ mode: 'full', status: 'completed', counts: { due: 0 } });
    expect(await record('deleting', referred)).toMatchObject({ status: 'void', pending: false });
    expect(await referral('deleting', referred)).toMatchObject({
      ...{ status: 'void', revision: 2, change: 'voided', destination: 'Copper Vale House' },
    });
    expect(await record('deleting', held)).toMatchObject({ status: 'void', hold: null });
    expect(await referral('deleting', held)).toBeNull();

    await fullRun('deleting');
    expect(await referral('deleting', referred)).toMatchObject({ revision: 2 });
  });
});

describe('A readmission', () => {
  it('leads to a second record and referral, and leaves the first ones unchanged', async () => {
    const person = '5b7e0c7a-1f7e-4b0a-9b52-7c3f0d7e4a11';
    const first = add('returning', { ...DISCHARGED, casefile_id: `701:${person}` });
    await run('returning');
    const before = [await record('returning', first), await referral('returning', first)];

    const second = add('returning', {
      casefile_id: `702:${person}`,
      discharge_or_transition_name: 'Long Meadow House',
    });
    expect((await run('returning')).counts).toMatchObject({ due: 1, saved: 1 });

    const again = await record('returning', second);
    expect(again).toMatchObject({ masterId: person, status: 'synced' });
    expect(again._id).not.toBe(before[0]?._id);
    expect(await referral('returning', second)).toMatchObject({ revision: 1, destination: 'Long Meadow House' });
    expect([await record('returning', first), await referral('returning', first)]).toEqual(before);
  });
});

describe('Changes over three runs', () => {
  const A = 'Quiet Lantern House';
  const B = 'Stone Orchard House';
  const to = (name: string | null): Patch => ({ discharge_or_transition_name: name });
  const none: string[][] = [];
  const cases: { name: string; born: Patch; edits: (Patch | null)[]; revisions: string[][] }[] = [
    { name: 'nothing', born: to(A), edits: [null, null], revisions: [[A, 'open', 'made']] },
    { name: 'a touch', born: to(A), edits: [{}, {}], revisions: [[A, 'open', 'made']] },
    {
      name: 'another destination',
      born: to(A),
      edits: [to(B), null],
      revisions: [
        [A, 'open', 'made'],
        [B, 'open', 'changed'],
      ],
    },
    {
      name: 'another and back',
      born: to(A),
      edits: [to(B), to(A)],
      revisions: [
        [A, 'open', 'made'],
        [B, 'open', 'changed'],
        [A, 'open', 'changed'],
      ],
    },
    {
      name: 'only other blanks and quotes',
      born: to("Mariner's Rest House"),
      edits: [to('\tMariner\u2019s  Rest\u00a0House '), null],
      revisions: [["Mariner's Rest House", 'open', 'made']],
    },
    {
      name: 'the destination cleared',
      born: to(A),
      edits: [to(' \t'), null],
      revisions: [
        [A, 'open', 'made'],
        [A, 'withdrawn', 'withdrawn'],
      ],
    },
    {
      name: 'cleared, and filled in again',
      born: to(A),
      edits: [to(''), to(B)],
      revisions: [
        [A, 'open', 'made'],
        [A, 'withdrawn', 'withdrawn'],
        [B, 'open', 'restored'],
      ],
    },
    {
      name: 'filled in late',
      born: to(null),
      edits: [{}, to(B)],
      revisions: [[B, 'open', 'made']],
    },
    {
      name: 'the discharge taken back',
      born: DISCHARGED,
      edits: [{ discharge_date: null }, null],
      revisions: [
        ['Amber Ridge Recovery', 'open', 'made'],
        ['Amber Ridge Recovery', 'open', 'discharge-taken-back'],
      ],
    },
    { name: 'an internal transfer', born: to(' changes  RESIDENTIAL'), edits: [{}, null], revisions: none },
    {
      name: 'turned into an internal transfer',
      born: to(A),
      edits: [to('Changes Detox'), null],
      revisions: [
        [A, 'open', 'made'],
        [A, 'withdrawn', 'internal-transfer'],
      ],
    },
    {
      name: 'the name corrected',
      born: { ...to(A), last_name: 'Brackenbi' },
      edits: [{ last_name: 'Brackenby' }, null],
      revisions: [
        [A, 'open', 'made'],
        [A, 'open', 'changed'],
      ],
    },
    { name: 'markup for a name', born: to('<script>'), edits: [null, null], revisions: [['<script>', 'open', 'made']] },
    { name: 'an operator for a name', born: to('$where'), edits: [{}, null], revisions: [['$where', 'open', 'made']] },
    {
      name: 'ten thousand letters, written from right to left',
      born: to('בית '.repeat(2_500)),
      edits: [{}, null],
      revisions: [['בית '.repeat(2_500).trim(), 'open', 'made']],
    },
  ];
  const ids = new Map<string, string>();

  beforeAll(async () => {
    for (const { name, born } of cases) ids.set(name, add('changes', born));
    expect((await run('changes')).counts).toMatchObject({ due: cases.length, failed: 0 });
    for (const round of [0, 1]) {
      const edited = cases.filter(({ edits }) => edits[round]);
      for (const { name, edits } of edited) standIn.edit('changes', ids.get(name) ?? '', edits[round] ?? {});
      standIn.calls.reset();
      const { counts } = await run('changes');
      // One call for each edited chart, and none for the others.
      expect(counts).toMatchObject({ due: edited.length, failed: 0 });
      expect(chartCalls('changes')).toBe(edited.length);
    }
  });

  it.each(cases)('$name', async ({ name, revisions }) => {
    const made = await referral('changes', ids.get(name) ?? '');
    expect((made?.revisions ?? []).map((one) => [one.destination, one.status, one.change])).toEqual(revisions);
    expect((made?.revisions ?? []).map((one) => one.revision)).toEqual(revisions.map((_, index) => index + 1));
    expect(made?.destination).toBe(revisions.at(-1)?.[0]);
  });
});

it('A run signals the workflow that a webhook started, and none of its starts fails', async () => {
  const [announced, other] = [add('announced'), add('announced')];
  const first = await run('announced');
  expect(first.counts).toMatchObject({ due: 2 });
  for (const casefileId of [announced, other]) standIn.edit('announced', casefileId, {});
  // No worker polls its task queue, so it runs until the test ends it.
  const start = patientStart(await record('announced', announced), 'unused');
  const patient = await client.workflow.start('patientWorkflow', start);
  const { counts, workflowId, _id } = await run('announced');
  expect(counts).toMatchObject({ due: 2, unchanged: 2, failed: 0 });
  const ofRun = (await client.workflow.getHandle(workflowId, _id).fetchHistory()).events ?? [];
  expect(ofRun.filter((event) => event.startChildWorkflowExecutionFailedEventAttributes)).toEqual([]);
  expect(ofRun.filter((event) => event.externalWorkflowExecutionSignaledEventAttributes)).toHaveLength(1);
  const received = (await patient.fetchHistory()).events ?? [];
  expect(received.filter((event) => event.workflowExecutionSignaledEventAttributes)).toHaveLength(1);
  await patient.terminate();
});
