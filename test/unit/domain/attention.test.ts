import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attention,
  attentionKinds,
  conditionAttention,
  fieldNames,
  recordAttention,
  webhookAttention,
} from '../../../domain/attention.ts';
import { requiredFields } from '../../../domain/chart.ts';
import { conditionKinds } from '../../../domain/conditions.ts';
import { type FaultCode, faultAdvice, faults } from '../../../domain/fault.ts';
import { holdReasons, webhookHealths } from '../../../domain/lock.ts';
import { webhooks } from '../../../domain/webhookHealth.ts';

const facts = { status: 'synced', missing: [], holdReason: null, failureCode: null } as const;

describe('A record', () => {
  it.each([
    ['new', { status: 'new' }, null, null],
    ['linked', {}, null, null],
    ['ignored', { status: 'ignored' }, null, null],
    ['just unlocked', { status: 'unlocked' }, null, null],
    ['deleted', { status: 'void' }, null, null],
    ['held', { status: 'held', holdReason: 'policy-always' }, 'locked', 'Locked: every discharge is locked.'],
    [
      ...([
        'held, whose last pull failed',
        { status: 'held', holdReason: 'webhook-missing', failureCode: 'timeout' },
      ] as const),
      ...(['locked', 'Locked: KIPU has never sent chart updates for this location.'] as const),
    ],
    ['without a birth date', { status: 'notReady', missing: ['dob'] }, 'missing', 'Date of birth is missing in KIPU.'],
    ['without a number', { status: 'notReady', missing: ['mrNumber'] }, 'missing', 'MR number is missing in KIPU.'],
    [
      ...([
        'without three fields, in KIPU’s order',
        { status: 'notReady', missing: ['mrNumber', 'dob', 'lastName'] },
      ] as const),
      ...(['missing', 'Last name, date of birth and MR number are missing in KIPU.'] as const),
    ],
    ['of an earlier version', { status: 'notReady' }, 'missing', 'Required information is missing in KIPU.'],
    ['gone from KIPU', { status: 'failed', failureCode: 'not-found' }, 'unreadable', 'KIPU no longer has this chart.'],
    ['that failed unknown', { status: 'failed', failureCode: 'later' }, 'unreadable', 'The chart could not be read.'],
    [
      ...(['linked, behind the list', { failureCode: 'chart-behind-list' }] as const),
      'unreadable',
      'KIPU lists a change that the chart does not show yet, so the referral may be out of date.',
    ],
  ] as const)('%s needs a person as it should', (_what, change, kind, what) => {
    const attention = recordAttention({ ...facts, ...change });
    expect(attention?.kind ?? null).toBe(kind);
    expect(attention?.what ?? null).toBe(what);
  });

  it('that lacks only the number is completed by KIPU, any other by people', () => {
    const todo = (missing: (typeof requiredFields)[number][]) =>
      recordAttention({ ...facts, status: 'notReady', missing })?.todo;
    expect(todo(['mrNumber'])).toContain('which assigns the MR number');
    expect(todo(['mrNumber', 'dob'])).toContain('Fill it in in KIPU');
  });

  it('that lacks fields has each of their names in its sentence, and no other', () => {
    fc.assert(
      fc.property(fc.subarray([...requiredFields], { minLength: 1 }), (missing) => {
        const what = (recordAttention({ ...facts, status: 'notReady', missing })?.what ?? '').toLowerCase();
        for (const field of requiredFields)
          expect(what.includes(fieldNames[field].toLowerCase())).toBe(missing.includes(field));
      }),
    );
  });

  it.each(Object.keys(faults) as FaultCode[])('that failed with %s says what to do, in clinic words', (code) => {
    const attention = recordAttention({ ...facts, status: 'failed', failureCode: code });
    expect(attention).toMatchObject({ kind: 'unreadable', what: expect.stringMatching(/\.$/) });
    expect(attention?.ask).not.toBe('');
    // Staff are never sent to the settings of this service.
    expect(attention?.todo).not.toMatch(/accessId|secretKey|appId|baseUrl|MONGODB_URI|Temporal/);
  });

  it('with a fault of a chart without words of its own has the advice of the fault', () => {
    expect(recordAttention({ ...facts, status: 'failed', failureCode: 'refused' })?.todo).toBe(faultAdvice('refused'));
  });
});

describe('A condition', () => {
  it.each(conditionKinds)('%s needs a person, unless it is of records that are listed themselves', (kind) => {
    const attention = conditionAttention(kind);
    if (kind === 'records-failing') expect(attention).toBeNull();
    else expect(attention?.kind).toBe(kind === 'receiver-away' ? 'receiver' : 'connection');
  });
});

describe('A webhook', () => {
  const cases = webhooks.flatMap((webhook) => webhookHealths.map((health) => ({ webhook, health })));
  it.each(cases)('$webhook that is $health', ({ webhook, health }) => {
    const attention = webhookAttention(webhook, health);
    const kind = { healthy: null, missing: 'connection', failing: 'connection', unknown: 'receiver' }[health];
    expect(attention?.kind ?? null).toBe(kind);
    if (attention === null) return;
    expect(attentionKinds).toContain(attention.kind);
    expect(attention.what).toContain(webhook === 'chart-update' ? 'Chart Update' : 'Patient Creation');
    expect(attention.what.includes('locked')).toBe(webhook === 'chart-update');
  });
});

describe('Everything that a person has to do', () => {
  const failed = (Object.keys(faults) as FaultCode[]).concat('of-another-version' as FaultCode);
  type Item = [string, Attention | null];
  const all: Item[] = [
    ...holdReasons.map((holdReason): Item => [holdReason, recordAttention({ ...facts, status: 'held', holdReason })]),
    ['held, nobody knows why', recordAttention({ ...facts, status: 'held' })],
    ...failed.map((code): Item => [code, recordAttention({ ...facts, status: 'failed', failureCode: code })]),
    ['failed without a code', recordAttention({ ...facts, status: 'failed' })],
    ['without a number', recordAttention({ ...facts, status: 'notReady', missing: ['mrNumber'] })],
    ['not ready', recordAttention({ ...facts, status: 'notReady' })],
    ...conditionKinds
      .filter((kind) => kind !== 'records-failing')
      .map((kind): Item => [kind, conditionAttention(kind)]),
    ...webhooks.flatMap((webhook) =>
      webhookHealths
        .filter((health) => health !== 'healthy')
        .map((health): Item => [`${webhook} ${health}`, webhookAttention(webhook, health)]),
    ),
  ];

  it.each(all)('%s: says in sentences what it is and what to do, and names who helps', (_, attention) => {
    expect(attention?.what).toMatch(/^[A-Z].{10,}\.$/);
    expect(attention?.todo).toMatch(/^[A-Z].{10,}\.$/);
    expect(attention?.ask).toMatch(/^[A-Z].{5,}$/);
  });

  it('is said differently for each hold, each condition, and each state of a webhook', () => {
    const texts = all
      .filter(([name]) => !failed.includes(name as FaultCode))
      .map(([, one]) => `${one?.what} ${one?.todo}`);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(['given-up', 'unavailable', 'timeout', 'unreachable', 'connection-lost', 'rate-limited'])(
    'after %s: KIPU did not answer',
    (failureCode) => {
      const attention = recordAttention({ ...facts, status: 'failed', failureCode });
      expect(attention).toMatchObject({ what: 'KIPU did not answer when the chart was read.', ask: 'KIPU support' });
    },
  );

  it('about a webhook is to set it up where it never came, and to check it where it sometimes comes', () => {
    expect(webhookAttention('chart-update', 'missing')).toMatchObject({
      what: expect.stringMatching(/^KIPU has never sent Chart Update/),
      todo: expect.stringMatching(/^Set up the Chart Update/),
    });
    expect(webhookAttention('chart-update', 'failing')).toMatchObject({
      what: expect.stringMatching(/^KIPU does not always send Chart Update/),
      todo: expect.stringMatching(/^Check in KIPU that the Chart Update/),
    });
  });

  it('is nothing for a record that is not linked, though its last pull was behind the list', () => {
    expect(recordAttention({ ...facts, status: 'ignored', failureCode: 'chart-behind-list' })).toBeNull();
  });

  it('where no field is named is no completion of the admission', () => {
    expect(recordAttention({ ...facts, status: 'notReady' })?.todo).toBe(
      'Fill it in in KIPU. The next sync reads the chart.',
    );
  });
});
