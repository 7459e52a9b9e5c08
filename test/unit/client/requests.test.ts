import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { RunNotRequestedError, requestSync, requestSyncs } from '../../../client/requestSync.ts';
import { requestUnlock } from '../../../client/unlock.ts';
import type { AuditEvent } from '../../../store/auditEvents.ts';
import { patientStart, unlockSignal } from '../../../workflows/messages.ts';

const record = { _id: 'r-bcdf2345ghjk6789', instance: 'north' };
const ticket = 'u-bcdf2345ghjk6789';
const away = new Error('away');
const noSchedule = new ScheduleNotFoundError('there is none', 'sync/north');

/** Returns a store and a client, and what was sent and audited in their order. `error` rejects what is sent, `storeError` what is stored. */
function parts(error: Error | null = null, storeError: Error | null = null) {
  const stored: object[] = [];
  const sent: object[] = [];
  const events: AuditEvent[] = [];
  const order: string[] = [];
  const deadlines: number[] = [];
  const send = async (what: object) => {
    order.push('sent');
    if (error !== null) throw error;
    sent.push(what);
  };
  const client = {
    connection: {
      withDeadline: (deadline: number, call: () => Promise<unknown>) => {
        deadlines.push(deadline - Date.now());
        return call();
      },
    },
    workflow: { signalWithStart: (type: string, options: object) => send({ type, ...options }) },
    schedule: { getHandle: (id: string) => ({ trigger: (overlap: string) => send({ id, overlap }) }) },
  };
  const store = {
    auditEvents: { add: async (event: AuditEvent) => void events.push(event) },
    unlockRequests: {
      add: async (request: object) => {
        if (storeError !== null) throw storeError;
        order.push('stored');
        stored.push(request);
        return ticket;
      },
    },
    instances: { requestFull: async () => void order.push('full') },
  };
  // As much of both as a request uses.
  return { client: client as unknown as Client, store: store as never, sent, events, stored, order, deadlines };
}

describe('requestUnlock', () => {
  const person = { viewer: { who: 'rvale', from: '192.0.2.7' }, name: 'Robin Vale', why: 'discharge checked' };
  const expectedEvent = {
    who: 'rvale',
    from: '192.0.2.7',
    what: 'unlock-requested',
    instance: 'north',
    why: person.why,
  };

  it.each<[string, Error | null, boolean, string]>([
    ['is sent', null, true, 'sent'],
    ['is not sent where Temporal does not answer', away, false, 'not sent: Temporal does not answer'],
  ])('%s, after it was stored, and is audited under the account', async (_, error, expected, outcome) => {
    const { store, client, sent, events, stored, order, deadlines } = parts(error);
    expect(await requestUnlock({ store, client, taskQueue: 'q' }, record, person)).toEqual({ ticket, sent: expected });
    expect(order).toEqual(['stored', 'sent']);
    const asked = { account: 'rvale', name: 'Robin Vale', from: '192.0.2.7', why: person.why };
    expect(stored).toEqual([{ record: record._id, instance: 'north', ...asked, at: expect.any(Date) }]);
    expect(sent).toMatchObject(expected ? [{ type: 'patientWorkflow', workflowId: `patient/${record._id}` }] : []);
    expect(events).toMatchObject([{ ...expectedEvent, name: 'Robin Vale', record: record._id, outcome }]);
    expect(deadlines).toEqual([expect.toSatisfy((ms: number) => ms > 0 && ms <= 8_000)]);
  });

  it('signals the ticket alone', async () => {
    const { store, client, sent } = parts();
    await requestUnlock({ store, client, taskQueue: 'q' }, record, person);
    expect(sent).toEqual([
      { type: 'patientWorkflow', ...patientStart(record, 'q'), signal: unlockSignal, signalArgs: [{ ticket }] },
    ]);
  });

  it('without a name and a reason has none in the audit', async () => {
    const { store, client, events } = parts();
    await requestUnlock({ store, client, taskQueue: 'q' }, record, { ...person, name: null, why: null });
    expect(events).toMatchObject([{ who: 'rvale', why: null }]);
    expect(events[0]).not.toHaveProperty('name');
  });

  it('that MongoDB does not store is not sent', async () => {
    const { store, client, sent, events } = parts(null, away);
    await expect(requestUnlock({ store, client, taskQueue: 'q' }, record, person)).rejects.toThrow(away);
    expect([sent, events]).toEqual([[], []]);
  });
});

describe('requestSync', () => {
  const viewer = { who: 'rvale', from: '192.0.2.7', session: 'abc' };

  it.each<[string, boolean, Error | null, string[], string]>([
    ['is sent', false, null, ['sent'], 'run requested'],
    ['is full before it is sent', true, null, ['full', 'sent'], 'full run requested'],
    [
      'is not confirmed where Temporal does not answer',
      false,
      away,
      ['sent'],
      'not confirmed: Temporal does not answer',
    ],
    ['is not sent where the instance has no schedule', false, noSchedule, ['sent'], 'not sent: no schedule'],
  ])('%s, and is audited', async (_, full, error, steps, outcome) => {
    const { store, client, sent, events, order } = parts(error);
    const { sent: result, at } = await requestSync({ store, client }, 'north', { viewer, full });
    expect(result).toBe(error === null ? 'sent' : error === away ? 'unconfirmed' : 'no-schedule');
    expect(events).toMatchObject([{ at }]);
    expect(sent).toEqual(error === null ? [{ id: 'sync/north', overlap: 'BUFFER_ONE' }] : []);
    expect(order).toEqual(steps);
    const event = { ...viewer, what: 'sync-requested', instance: 'north', record: null, why: null, outcome };
    expect(events).toMatchObject([event]);
  });

  it('of several instances stops at the first that could not be requested', async () => {
    const { store, client, events } = parts(away);
    const requests = requestSyncs({ store, client }, ['north', 'south'], { viewer });
    await expect(requests).rejects.toThrow(new RunNotRequestedError('north', 'unconfirmed'));
    expect(events).toHaveLength(1);
  });
});

it('A patient workflow is started with the id, input, search attribute and summary of its record', () => {
  expect(patientStart(record, 'q')).toEqual({
    workflowId: 'patient/r-bcdf2345ghjk6789',
    taskQueue: 'q',
    args: [{ recordId: 'r-bcdf2345ghjk6789', instance: 'north' }],
    typedSearchAttributes: [{ key: { name: 'Instance', type: 'KEYWORD' }, value: 'north' }],
    staticSummary: 'north · one record',
    staticDetails: expect.stringContaining('one record'),
  });
});

it('A patient workflow that starts held has the attributes of its hold from the start', () => {
  const since = '2026-01-05T08:00:00.000Z';
  const start = patientStart(record, 'q', { reason: 'webhook-missing', reminders: 0, since });
  expect(start.staticSummary).toBe('north · one record, held (webhook-missing)');
  expect(start.typedSearchAttributes.map(({ key, value }) => [key.name, value])).toEqual([
    ['Instance', 'north'],
    ['Hold', true],
    ['HoldReason', 'webhook-missing'],
    ['HeldSince', new Date(since)],
    ['Outcome', 'held'],
  ]);
});
