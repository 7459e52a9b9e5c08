import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createStoreActivities } from '../../activities/index.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { newRecordId, newTicket } from '../../store/ids.ts';
import { patientWorkflowId, stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { serviceForTests } from '../support/service.ts';

const HOUSES = [
  'terminated',
  'restored',
  'twice',
  'nameless',
  'by-hand',
  'tickets',
  'ahead',
  'racing-before',
  'racing-after',
];

const service = await serviceForTests({
  policies: Object.fromEntries(HOUSES.map((name) => [name, 'webhook-missing'])),
  standIn: { instances: HOUSES.map((name) => ({ name, charts: 0 })) },
});
const { standIn, store, client, run, fullRun, record, referral } = service;

const PATIENCE = { timeout: 20_000, interval: 30 };
const DISCHARGED = { discharge_date: '2026-01-05 10:00:00', discharge_or_transition_name: 'Amber Ridge Recovery' };

/** Creates a chart with a destination, and returns its held record. */
async function held(instance: string): Promise<RecordDocument> {
  const { casefileId } = standIn.add(instance, DISCHARGED);
  await run(instance);
  const made = await record(instance, casefileId);
  expect(made.status).toBe('held');
  return made;
}

function workflowOf(recordId: string) {
  return client.workflow.getHandle(patientWorkflowId(recordId));
}

async function statusOf(recordId: string): Promise<string | undefined> {
  return (await store.records.get(recordId))?.status;
}

async function outcomes(recordId: string): Promise<string[]> {
  return (await unlocksOf(recordId)).map(({ outcome }) => outcome);
}

/** The audited unlocks of a record, without the requests for them. */
async function unlocksOf(recordId: string) {
  return (await store.auditEvents.ofRecord(recordId)).filter(({ what }) => what === 'unlock');
}

describe('A hold whose workflow was terminated', () => {
  it('can still be unlocked', async () => {
    const { _id, instance, casefileId } = await held('terminated');
    await workflowOf(_id).terminate('a test');

    await service.unlock(await record(instance, casefileId));
    await vi.waitUntil(async () => (await statusOf(_id)) === 'synced', PATIENCE);
    expect(await referral(instance, casefileId)).toMatchObject({ revision: 1, destination: 'Amber Ridge Recovery' });
    expect(await outcomes(_id)).toEqual(['unlocked']);
  });

  it('has a workflow again after the next full run, without another change', async () => {
    const { _id, instance, casefileId } = await held('restored');
    await workflowOf(_id).terminate('a test');
    const before = await record(instance, casefileId);
    standIn.calls.reset();

    expect((await run(instance)).mode).toBe('incremental');
    expect((await workflowOf(_id).describe()).status.name).toBe('TERMINATED');
    expect(await fullRun(instance)).toMatchObject({ mode: 'full', status: 'completed', counts: { due: 0 } });

    const state = () => workflowOf(_id).query(stateQuery);
    await vi.waitUntil(async () => (await state()).doing === 'held', PATIENCE);
    expect(await record(instance, casefileId)).toEqual(before);
    expect(standIn.calls.count({ instance, route: 'chart' })).toBe(0);
    const waits = await workflowOf(_id).describe();

    await fullRun(instance);
    expect((await workflowOf(_id).describe()).runId).toBe(waits.runId);

    await service.unlock(before);
    await vi.waitUntil(async () => (await statusOf(_id)) === 'synced', PATIENCE);
    expect(await referral(instance, casefileId)).toMatchObject({ revision: 1 });
  });
});

describe('An unlock without a name', () => {
  // Signals that people type in Temporal's web UI can contain anything.
  const requests: [string, unknown][] = [
    ['an empty name', { by: '' }],
    ['blanks', { by: ' \t ' }],
    ['no name', { why: 'no name' }],
    ['a number', { by: 7 }],
    ['a list', []],
    ['nothing', null],
    ['a text', 'Robin Vale'],
  ];
  const recordIds = new Map<string, string>();

  beforeAll(async () => {
    const added = requests.map(([name]) => [name, standIn.add('nameless', DISCHARGED).casefileId] as const);
    await run('nameless');
    for (const [name, casefileId] of added) recordIds.set(name, (await record('nameless', casefileId))._id);
  });

  it.each(requests)('is refused, the hold stays, and the attempt is in the audit (%s)', async (name, request) => {
    const recordId = recordIds.get(name) ?? '';
    await workflowOf(recordId).signal('unlock', request);
    await vi.waitUntil(async () => (await outcomes(recordId)).length === 1, PATIENCE);
    expect(await store.auditEvents.ofRecord(recordId)).toMatchObject([{ outcome: 'refused: no name', who: 'unknown' }]);
    expect(await statusOf(recordId)).toBe('held');
    // The audit is written shortly before the activity completes.
    await expect.poll(() => workflowOf(recordId).query(stateQuery), PATIENCE).toMatchObject({ doing: 'held' });
  });
});

describe('An unlock', () => {
  it('by two people has one effect, and both requests are in the audit', async () => {
    const { _id, instance, casefileId } = await held('twice');
    const before = await record(instance, casefileId);
    const both = ['rvale', 'abrook'].map((account) =>
      service.unlock(before, { account, name: account, why: `${account} looked` }),
    );
    await Promise.all(both);
    await vi.waitUntil(async () => (await outcomes(_id)).length === 2, PATIENCE);
    await workflowOf(_id).result();

    expect((await outcomes(_id)).sort()).toEqual(['refused: unlocked before', 'unlocked']);
    const events = await unlocksOf(_id);
    const winner = events.find(({ outcome }) => outcome === 'unlocked')?.who;
    expect(events.map(({ who, why }) => why === `${who} looked`)).toEqual([true, true]);
    expect(await record(instance, casefileId)).toMatchObject({ status: 'synced', unlocked: { by: winner } });
    expect(await referral(instance, casefileId)).toMatchObject({ revision: 1 });

    // After the workflow has ended.
    await service.unlock(await record(instance, casefileId), { account: 'late' });
    await vi.waitUntil(async () => (await outcomes(_id)).length === 3, PATIENCE);
    await workflowOf(_id).result();
    expect(await record(instance, casefileId)).toMatchObject({ status: 'synced', unlocked: { by: winner } });
    expect((await referral(instance, casefileId))?.revisions).toHaveLength(1);
  });

  it('typed by hand on Temporal’s page is audited as not verified, and its reason is not read', async () => {
    const { _id } = await held('by-hand');
    await workflowOf(_id).signal('unlock', { by: ' Administrator ', why: 'the chart is final' });
    await workflowOf(_id).result();
    const by = 'Administrator (by hand in Temporal, not verified)';
    expect(await store.records.get(_id)).toMatchObject({ status: 'synced', unlocked: { by, why: null } });
    expect(await unlocksOf(_id)).toMatchObject([{ who: by, why: null, outcome: 'unlocked' }]);
  });

  it('typed by hand is refused and audited where the settings switch that off', async () => {
    const { _id } = await held('by-hand');
    const context = { ...service.context, unlockByHand: false };
    const request = { ticket: null, by: 'Administrator', refused: null, times: 1 };
    const { applyUnlock } = createStoreActivities(context);
    expect(await new MockActivityEnvironment().run(applyUnlock, { recordId: _id, request })).toEqual({
      opened: false,
      held: true,
    });
    expect(await statusOf(_id)).toBe('held');
    expect(await unlocksOf(_id)).toMatchObject([
      {
        who: 'Administrator (by hand in Temporal, not verified)',
        outcome: 'refused: unlocks by hand are switched off',
      },
    ]);
  });

  it.each<[string, (theirs: string) => string, string]>([
    ['an unknown ticket', () => newTicket(), 'refused: there is no such ticket'],
    ['the ticket of another record', (theirs) => theirs, 'refused: the ticket is of another record'],
    ['what is no ticket', () => 'r-bcdf2345ghjk6789', 'refused: the ticket is invalid'],
  ])('with %s is refused and audited, and the hold stays', async (_, ticketOf, outcome) => {
    const { _id } = await held('tickets');
    const other = await held('tickets');
    const request = { record: other._id, instance: 'tickets', account: 'rvale', name: 'Robin Vale', from: '192.0.2.7' };
    const theirs = await store.unlockRequests.add({ ...request, why: 'checked', at: new Date() });
    await workflowOf(_id).signal(unlockSignal, { ticket: ticketOf(theirs) });
    await vi.waitUntil(async () => (await outcomes(_id)).length === 1, PATIENCE);

    expect(await unlocksOf(_id)).toMatchObject([{ who: 'unknown', why: null, outcome }]);
    expect([await statusOf(_id), await statusOf(other._id)]).toEqual(['held', 'held']);
    // It is not used up: its own record can still be unlocked with it.
    expect(await store.unlockRequests.get(theirs)).toMatchObject({ applied: null });
  });

  it('with a ticket that was used before is refused and audited', async () => {
    const { _id } = await held('tickets');
    const request = { record: _id, instance: 'tickets', account: 'rvale', name: 'Robin Vale', from: '192.0.2.7' };
    const ticket = await store.unlockRequests.add({ ...request, why: 'checked', at: new Date() });
    for (let times = 0; times < 2; times += 1) await workflowOf(_id).signal(unlockSignal, { ticket });
    await vi.waitUntil(async () => (await outcomes(_id)).length === 2, PATIENCE);
    await workflowOf(_id).result();

    expect(await unlocksOf(_id)).toMatchObject([
      { who: 'rvale', name: 'Robin Vale', from: '192.0.2.7', why: 'checked', outcome: 'unlocked' },
      { who: 'unknown', why: null, outcome: 'refused: the ticket was used before' },
    ]);
    expect(await store.records.get(_id)).toMatchObject({
      unlocked: { by: 'rvale (Robin Vale)', why: 'checked', key: ticket },
    });
    expect(await store.unlockRequests.get(ticket)).toMatchObject({ applied: { outcome: 'unlocked' } });
  });

  it('has one effect and one audit entry when it is applied again by another activity', async () => {
    const { _id } = await held('tickets');
    const request = { record: _id, instance: 'tickets', account: 'rvale', name: null, from: '192.0.2.7' };
    const ticket = await store.unlockRequests.add({ ...request, why: null, at: new Date() });
    const { applyUnlock } = createStoreActivities(service.context);
    const apply = (activityId: string) =>
      new MockActivityEnvironment({ activityId }).run(applyUnlock, {
        recordId: _id,
        request: { ticket, by: null, refused: null, times: 1 },
      });
    // The first one ends after the record and the audit were written, before the request is closed.
    const interrupted = vi.spyOn(store.unlockRequests, 'close').mockRejectedValueOnce(new Error('killed'));
    await expect(apply('one')).rejects.toThrow('killed');
    interrupted.mockRestore();
    expect(await apply('two')).toEqual({ opened: true, held: false });

    expect(await unlocksOf(_id)).toMatchObject([{ who: 'rvale', outcome: 'unlocked' }]);
    expect(await store.unlockRequests.get(ticket)).toMatchObject({ applied: { outcome: 'unlocked' } });
  });

  it('of an unknown record has no effect, and is in the audit', async () => {
    const _id = newRecordId();
    standIn.calls.reset();
    await service.unlock({ ...(await held('by-hand')), _id });
    await workflowOf(_id).result();
    expect(await outcomes(_id)).toEqual(['refused: unknown record']);
    expect(await store.records.get(_id)).toBeNull();
    expect(await store.referrals.get(_id)).toBeNull();
  });

  it('before any hold opens the record, so that its discharge is not held', async () => {
    const { casefileId } = standIn.add('ahead');
    await run('ahead');
    const open = await record('ahead', casefileId);
    await service.unlock(open);
    await workflowOf(open._id).result();
    expect(await outcomes(open._id)).toEqual(['opened ahead']);

    standIn.edit('ahead', casefileId, DISCHARGED);
    expect((await run('ahead')).counts).toMatchObject({ due: 1, saved: 1, held: 0 });
    expect(await referral('ahead', casefileId)).toMatchObject({ destination: 'Amber Ridge Recovery' });
  });

  it.each(['before', 'after'])('%s the end of the pull that holds has the same effect', async (when) => {
    const instance = `racing-${when}`;
    const { casefileId } = standIn.add(instance, DISCHARGED);
    const slow = standIn.faults.inject({ kind: 'delay', ms: 500, instance, route: 'chart' });
    const running = run(instance);
    await vi.waitUntil(() => slow.applied === 1, PATIENCE);
    if (when === 'after') await running;
    const due = await record(instance, casefileId);
    await service.unlock(due);
    await vi.waitUntil(async () => (await statusOf(due._id)) === 'synced', PATIENCE);
    await workflowOf(due._id).result();

    expect(await running).toMatchObject({ status: 'completed', counts: { due: 1, failed: 0 } });
    expect(await record(instance, casefileId)).toMatchObject({
      ...{ status: 'synced', hold: null, pending: false, unlocked: { by: 'rvale (Robin Vale)' } },
      lastPull: { outcome: 'saved' },
    });
    expect((await referral(instance, casefileId))?.revisions).toHaveLength(1);
    expect(await unlocksOf(due._id)).toHaveLength(1);
  });
});
