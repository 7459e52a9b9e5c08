import { describe, expect, it } from 'vitest';
import {
  chartChangedSignal,
  INSTANCE_FAULT,
  kipuTaskQueue,
  patientStart,
  patientWorkflowId,
  progressQuery,
  pulledSignal,
  stateQuery,
  syncScheduleId,
  TASK_QUEUE,
  unlockSignal,
} from '../../../workflows/messages.ts';
import { payloadConverter } from '../../../workflows/payloadConverter.ts';
import { holdAttributes, searchAttributes } from '../../../workflows/searchAttributes.ts';

const record = { _id: 'r-bcdf2345ghjk6789', instance: 'north' };
const hold = { reason: 'webhook-missing' as const, reminders: 2, since: '2026-03-02T10:00:00.000Z' };
const pairs = (attributes: ReturnType<typeof holdAttributes>) =>
  attributes.map(({ key, value }) => [key.name, key.type, value]);

/** Names that other versions, other processes and the operators of Temporal rely on. */
describe('The names in Temporal', () => {
  it('are those that running workflows have', () => {
    expect(TASK_QUEUE).toBe('kipu-referrals');
    expect(INSTANCE_FAULT).toBe('InstanceFault');
    expect([unlockSignal, chartChangedSignal, pulledSignal].map(({ name }) => name)).toEqual([
      ...['unlock', 'chartChanged', 'pulled'],
    ]);
    expect([stateQuery, progressQuery].map(({ name }) => name)).toEqual(['state', 'progress']);
    expect(kipuTaskQueue('tests')).toBe('tests-kipu');
    expect(patientWorkflowId('r-1')).toBe('patient/r-1');
    expect(syncScheduleId('north')).toBe('sync/north');
    expect(searchAttributes.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...[
        'Instance KEYWORD',
        'Hold BOOL',
        'HoldReason KEYWORD',
        'HeldSince DATETIME',
        'Outcome KEYWORD',
        'RunMode KEYWORD',
      ],
    ]);
  });
});

describe("The start of a record's workflow", () => {
  it('has the record and nothing else', () => {
    const { typedSearchAttributes, staticDetails, ...start } = patientStart(record, 'tests');
    expect(start).toEqual({
      ...{ workflowId: 'patient/r-bcdf2345ghjk6789', taskQueue: 'tests' },
      ...{ args: [{ recordId: 'r-bcdf2345ghjk6789', instance: 'north' }], staticSummary: 'north · one record' },
    });
    expect(pairs(typedSearchAttributes)).toEqual([['Instance', 'KEYWORD', 'north']]);
    expect(staticDetails).toContain('one record');
  });

  it('has the hold of a record that is held already, also as search attributes', () => {
    const { typedSearchAttributes, args, staticSummary } = patientStart(record, 'tests', hold);
    expect(args).toEqual([{ recordId: 'r-bcdf2345ghjk6789', instance: 'north', held: hold }]);
    expect(staticSummary).toBe('north · one record, held (webhook-missing)');
    expect(pairs(typedSearchAttributes)).toEqual([
      ['Instance', 'KEYWORD', 'north'],
      ['Hold', 'BOOL', true],
      ['HoldReason', 'KEYWORD', 'webhook-missing'],
      ['HeldSince', 'DATETIME', new Date('2026-03-02T10:00:00Z')],
      ['Outcome', 'KEYWORD', 'held'],
    ]);
  });

  it('has no time where an earlier version stored none', () => {
    const { since: _, ...without } = hold;
    expect(pairs(holdAttributes(without)).map(([name]) => name)).toEqual(['Hold', 'HoldReason', 'Outcome']);
  });
});

describe('The payload converter', () => {
  it('reads what it wrote, and an unreadable payload as undefined', () => {
    for (const value of [{ by: 'R. Lee' }, [1], 'x', null, undefined])
      expect(payloadConverter.fromPayload(payloadConverter.toPayload(value) ?? {})).toEqual(value);
    const metadata = { encoding: Buffer.from('json/plain') };
    expect(payloadConverter.fromPayload({ metadata, data: Buffer.from('{') })).toBeUndefined();
  });
});
