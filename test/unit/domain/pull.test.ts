import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../domain/chart.ts';
import { type HoldReason, lockPolicies, webhookHealths } from '../../../domain/lock.ts';
import { decidePull, type PullDecision, pullOutcomes, readPulled } from '../../../domain/pull.ts';
import { zeroCounts } from '../../../domain/run.ts';
import { aChart } from '../../support/chartFixtures.ts';

const now = new Date('2026-02-03T12:00:00Z');
const open = { unlockedBefore: false };
const unlocked = { unlockedBefore: true };
const noWebhook = { lockPolicy: 'webhook-missing', chartUpdate: 'missing', timeZone: 'America/New_York' } as const;
const save: PullDecision = { do: 'save', lookAgainAt: null };
const hold = (reason: HoldReason): PullDecision => ({
  do: 'hold',
  reason,
});

describe('decidePull', () => {
  it.each<[string, Partial<Chart>, PullDecision]>([
    ['discharged', {}, hold('webhook-missing')],
    ['still there', { dischargeDate: null }, save],
    [
      'discharge planned: looked at again when that day begins there',
      { dischargeDate: '2026-02-20' },
      { do: 'save', lookAgainAt: new Date('2026-02-20T05:00:00Z') },
    ],
    [
      'discharge planned for this evening, which is past in UTC',
      { dischargeDate: '2026-02-03T11:00:00' },
      { do: 'save', lookAgainAt: new Date('2026-02-03T16:00:00Z') },
    ],
    [
      'discharge far off: looked at again after 60 days',
      { dischargeDate: '2062-02-02' },
      { do: 'save', lookAgainAt: new Date('2026-04-04T12:00:00Z') },
    ],
    ['discharge planned, but not ready', { dischargeDate: '2026-02-20', dob: null }, { do: 'wait', missing: ['dob'] }],
    ['without a destination', { destination: null, dischargeDate: null }, save],
    ['discharged without a birth date', { dob: null }, { do: 'wait', missing: ['dob'] }],
    ['without names', { firstName: null, lastName: ' ' }, { do: 'wait', missing: ['firstName', 'lastName'] }],
    ['a placeholder', { lastName: 'TEST' }, { do: 'ignore' }],
    ['a placeholder without any other value', { mrNumber: 'TEST', dob: null, firstName: null }, { do: 'ignore' }],
    ['discharged before admission', { dischargeDate: '2025-12-24' }, hold('webhook-missing')],
  ])('%s', (_what, changes, decision) => {
    expect(decidePull(aChart(changes), open, noWebhook, now)).toEqual(decision);
  });

  it.each([
    ['webhook-missing', 'failing', hold('webhook-failing')],
    ['webhook-missing', 'unknown', hold('webhook-unknown')],
    ['webhook-missing', 'healthy', save],
    ['always', 'healthy', hold('policy-always')],
    ['never', 'missing', save],
  ] as const)('discharged, policy %s, webhook %s', (lockPolicy, chartUpdate, decision) => {
    expect(decidePull(aChart(), open, { ...noWebhook, lockPolicy, chartUpdate }, now)).toEqual(decision);
  });

  it.each([
    ['it was unlocked before', unlocked, noWebhook],
    ['the instance never holds', open, { ...noWebhook, lockPolicy: 'never' }],
  ] as const)('does not schedule a planned discharge again if %s', (_what, record, instance) => {
    expect(decidePull(aChart({ dischargeDate: '2026-02-20' }), record, instance, now)).toEqual(save);
  });

  it('saves a reverted discharge without a hold', () => {
    expect(decidePull(aChart({ dischargeDate: null }), open, noWebhook, now)).toEqual(save);
  });

  const instances = fc.record({
    lockPolicy: fc.constantFrom(...lockPolicies),
    chartUpdate: fc.constantFrom(...webhookHealths),
    timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
  });
  const charts = fc
    .record({
      firstName: fc.constantFrom(null, 'Odalys', 'TEST'),
      dob: fc.constantFrom(null, '1987-03-09'),
      mrNumber: fc.constantFrom(null, '2026-117', 'TEST-01'),
      dischargeDate: fc.constantFrom(null, '2026-02-02', '2026-03-01'),
    })
    .map(aChart);

  it('never holds an unlocked record, and decides everything else as before', () => {
    fc.assert(
      fc.property(charts, instances, (chart, instance) => {
        const before = decidePull(chart, open, instance, now);
        const after = decidePull(chart, unlocked, instance, now);
        expect(after).toEqual(before.do === 'hold' || before.do === 'save' ? save : before);
      }),
    );
  });

  it('ignores webhook and policy for a chart that is not ready', () => {
    fc.assert(
      fc.property(charts, instances, instances, (chart, one, other) => {
        const decision = decidePull(chart, open, one, now);
        fc.pre(decision.do === 'wait' || decision.do === 'ignore');
        expect(decidePull(chart, open, other, now)).toEqual(decision);
      }),
    );
  });
});

describe('pullOutcomes', () => {
  it('each have a count in a run', () => {
    expect(zeroCounts()).toMatchObject(Object.fromEntries(pullOutcomes.map((outcome) => [outcome, 0])));
  });
});

describe('readPulled', () => {
  const message = { recordId: 'r-1', outcome: 'saved', calls: 3 };

  it.each([0, 1, 10_000])('reads a message with %d requests', (calls) => {
    expect(readPulled({ ...message, calls, more: 'ignored' })).toEqual({ ...message, calls });
  });

  it.each(pullOutcomes)('reads the outcome %s', (outcome) => {
    expect(readPulled({ ...message, outcome })).toEqual({ ...message, outcome });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'saved'],
    ['a list', [message]],
    ['no record', { ...message, recordId: undefined }],
    ['a record that is no text', { ...message, recordId: 7 }],
    ['another outcome', { ...message, outcome: 'lost' }],
    ['the name of a part of JavaScript', { ...message, outcome: 'toString' }],
    ['no number of requests', { recordId: 'r-1', outcome: 'saved' }],
    ['a number as text', { ...message, calls: '3' }],
    ['a fraction', { ...message, calls: 1.5 }],
    ['a negative number', { ...message, calls: -1 }],
    ['more requests than a pull can make', { ...message, calls: 10_001 }],
    ['a number that no count survives', { ...message, calls: 1e308 }],
    ['no number at all', { ...message, calls: Number.NaN }],
  ])('refuses %s', (_, anything) => {
    expect(readPulled(anything)).toBeNull();
  });
});
