import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { RunNotRequestedError, requestSync, requestSyncs } from '../../../client/requestSync.ts';
import { requestUnlock } from '../../../client/requestUnlock.ts';
import type { AuditEvent } from '../../../store/auditEvents.ts';
import { patientStart } from '../../../workflows/messages.ts';

const record = { _id: 'r-bcdf2345ghjk6789', instance: 'north' };
const away = new Error('away');
const noSchedule = new ScheduleNotFoundError('there is none', 'sync/north');

/** Returns a store and a client, and what was sent and audited in their order. `error` rejects what is sent. */
function parts(error: Error | null = null) {
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
    instances: { requestFull: async () => void order.push('full') },
  };
  // As much of both as a request uses.
  return { client: client as unknown as Client, store: store as never, sent, events, order, deadlines };
}

describe('requestUnlock', () => {
  it.each<[string, Error | null, boolean, string]>([
    ['is sent', null, true, 'sent'],
    ['is not sent where Temporal does not answer', away, false, 'not sent: Temporal does not answer'],
  ])('%s, and is audited under the account', async (_, error, expected, outcome) => {
    const { store, client, sent, events, deadlines } = parts(error);
    const request = { by: 'Robin Vale', why: 'discharge checked', account: 'rvale' };
    expect(await requestUnlock({ store, client, taskQueue: 'q' }, record, request)).toBe(expected);
    const unlock = { by: 'Robin Vale', why: 'discharge checked' };
    expect(sent).toMatchObject(expected ? [{ type: 'patientWorkflow', workflowId: `patient/${record._id}` }] : []);
    expect(sent).toMatchObject(expected ? [{ taskQueue: 'q', signal: { name: 'unlock' }, signalArgs: [unlock] }] : []);
    expect(events).toMatchObject([
      { who: 'rvale', what: 'unlock-requested', record: record._id, instance: 'north', why: unlock.why, outcome },
    ]);
    expect(deadlines).toEqual([expect.toSatisfy((ms: number) => ms > 0 && ms <= 8_000)]);
  });

  it('without a reason sends none, and audits none', async () => {
    const { store, client, sent, events } = parts();
    await requestUnlock({ store, client, taskQueue: 'q' }, record, { by: 'R. Lee', account: 'lee' });
    expect(sent).toMatchObject([{ signalArgs: [{ by: 'R. Lee' }] }]);
    expect(events).toMatchObject([{ who: 'lee', why: null }]);
  });
});

describe('requestSync', () => {
  it.each<[string, boolean, Error | null, string[], string]>([
    ['is sent', false, null, ['sent'], 'run requested'],
    ['is full before it is sent', true, null, ['full', 'sent'], 'full run requested'],
    ['is not sent where Temporal does not answer', false, away, ['sent'], 'not sent: Temporal does not answer'],
    ['is not sent where the instance has no schedule', false, noSchedule, ['sent'], 'not sent: no schedule'],
  ])('%s, and is audited', async (_, full, error, steps, outcome) => {
    const { store, client, sent, events, order } = parts(error);
    expect(await requestSync({ store, client }, 'north', { who: 'rvale', full })).toBe(error === null);
    expect(sent).toEqual(error === null ? [{ id: 'sync/north', overlap: 'BUFFER_ONE' }] : []);
    expect(order).toEqual(steps);
    const event = { who: 'rvale', what: 'sync-requested', instance: 'north', record: null, why: null, outcome };
    expect(events).toMatchObject([event]);
  });

  it('of several instances stops at the first that could not be requested', async () => {
    const { store, client, events } = parts(away);
    const requests = requestSyncs({ store, client }, ['north', 'south'], { who: 'rvale' });
    await expect(requests).rejects.toThrow(new RunNotRequestedError('north'));
    expect(events).toHaveLength(1);
  });
});

it('A patient workflow is started with the id, input and search attribute of its record', () => {
  expect(patientStart(record, 'q')).toEqual({
    workflowId: 'patient/r-bcdf2345ghjk6789',
    taskQueue: 'q',
    args: [{ recordId: 'r-bcdf2345ghjk6789', instance: 'north' }],
    typedSearchAttributes: [{ key: { name: 'Instance', type: 'KEYWORD' }, value: 'north' }],
  });
});
