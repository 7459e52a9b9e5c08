import { describe, expect, it } from 'vitest';
import { startStandIn } from '../../../dev/stand-in/index.ts';
import type { RecordDocument, ReferralDocument } from '../../../store/documents.ts';
import { type ChartOfInstance, invariants, type Snapshot, violationsOf } from '../../faults/invariants.ts';
import { aHold, aRecord, aReferral, at } from '../../support/recordFixtures.ts';
import { aRun } from '../../support/runFixtures.ts';

const standIn = await startStandIn({ instances: [{ name: 'north', charts: 1 }] });
const [generated] = standIn.charts('north');
await standIn.close();
const id = '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000);

/** Returns the chart of the record with this number. */
function aChart(n: number, fields: Record<string, string | null> = {}): ChartOfInstance {
  if (generated === undefined) throw new Error('the stand-in has no chart');
  const named = { first_name: 'Ada', last_name: 'Invented', dob: '1990-01-01', mr_number: 'MR-1' };
  const patient = {
    ...{ ...generated.patient, ...named, admission_date: '2026-02-01', discharge_or_transition_name: 'Copper Vale' },
    ...fields,
    casefile_id: `${n}:${id}`,
  };
  return { instance: 'north', casefileId: `${n}:${id}`, kind: 'planned', vaulted: false, patient };
}

const record = (n: number, change: Partial<RecordDocument> = {}) =>
  aRecord({ _id: `r-${n}`, casefileId: `${n}:${id}`, ...change });

function referral(n: number, change: Partial<ReferralDocument> = {}): ReferralDocument {
  const { revisions: _, ...latest } = aReferral({
    _id: `r-${n}`,
    casefileId: `${n}:${id}`,
    revision: 1,
    change: 'made',
  });
  const { destination, patient, facility, revision, status, at: when } = latest;
  const first = { ...latest, destination, patient, facility, revision, status, change: 'made' as const, at: when };
  return { ...latest, revisions: [first], ...change };
}

const ticket = 'u-1';
const applied = { key: 'activity', outcome: 'unlocked', at: later(2) };
const request = {
  ...{
    _id: ticket,
    schemaVersion: 1,
    instance: 'north',
    record: 'r-3',
    account: 'rvale',
    name: null,
    from: '192.0.2.7',
  },
  ...{ why: null, at, applied },
};
const unlock = { _id: `unlock/${ticket}`, what: 'unlock' as const, record: 'r-3', outcome: 'unlocked' };
const unlocked = { by: 'rvale', why: null, at: later(2), key: ticket };
const delivery = {
  ...{ _id: 'd-1', schemaVersion: 1, instance: 'north', webhook: 'chart-update' as const, casefileId: `1:${id}` },
  ...{ signed: false, receivedAt: at, lastReceivedAt: at, times: 3, state: 'dispatched' as const },
  ...{ dispatchedAt: at, expiresAt: later(60) },
};
const waiting = { workflowId: 'patient/r-2', type: 'patientWorkflow', hold: true };

/** A synced record, a held one, one that was unlocked, and one of a chart without a destination. */
const sound: Snapshot = {
  charts: [
    aChart(1),
    aChart(2, { discharge_or_transition_name: 'Newer Vale' }),
    aChart(3),
    aChart(4, { discharge_or_transition_name: ' ' }),
  ],
  ownLocations: { north: ['North House'] },
  records: [
    record(1),
    record(2, { status: 'held', hold: { ...aHold, since: later(1) } }),
    record(3, { lastHold: { reason: 'webhook-missing', since: later(1) }, unlocked }),
    record(4),
  ],
  referrals: [referral(1), referral(2), referral(3)],
  runs: [aRun({ counts: { listed: 4, due: 4, saved: 3, unchanged: 1 } })],
  deliveries: [delivery],
  accepted: [{ instance: 'north', webhook: 'chart-update', count: 3 }],
  unlockRequests: [request],
  sentTickets: [ticket],
  unlocks: [unlock],
  auditBreaks: [],
  running: [waiting],
  exposed: [],
};

const withRecord = (n: number, change: Partial<RecordDocument>) =>
  sound.records.map((one) => (one._id === `r-${n}` ? { ...one, ...change } : one));
const withReferral = (n: number, change: Partial<ReferralDocument>) =>
  sound.referrals.map((one) => (one._id === `r-${n}` ? { ...one, ...change } : one));
const withChart = (n: number, change: Partial<ChartOfInstance>) =>
  sound.charts.map((one) => (one.casefileId.startsWith(`${n}:`) ? { ...one, ...change } : one));
const [first] = referral(1).revisions;
const second = (change: object) => ({ ...referral(1), ...first, revision: 2, ...change });

const broken: [name: string, change: Partial<Snapshot>, invariant: string][] = [
  [
    'a chart without a record',
    { charts: [...sound.charts, aChart(5)] },
    'each chart has one record, and each record one referral at most',
  ],
  [
    'a chart with two records',
    { records: [...sound.records, record(1, { _id: 'r-9' })] },
    'each chart has one record, and each record one referral at most',
  ],
  [
    'a referral without a record',
    { referrals: [...sound.referrals, referral(9)] },
    'each chart has one record, and each record one referral at most',
  ],
  [
    'a revision that is missing',
    { referrals: withReferral(1, { revision: 2, revisions: [second({})] }) },
    'no revision is doubled, and none is missing',
  ],
  [
    'a revision that repeats the one before',
    { referrals: withReferral(1, { revision: 2, revisions: [second({ revision: 1 }), second({})] }) },
    'no revision is doubled, and none is missing',
  ],
  [
    'a change that is not in the referral',
    { charts: withChart(1, aChart(1, { discharge_or_transition_name: 'Other Vale' })) },
    'each record that is not held has the latest destination of its chart',
  ],
  [
    'a destination without a referral',
    { referrals: sound.referrals.filter(({ _id }) => _id !== 'r-1') },
    'each record that is not held has the latest destination of its chart',
  ],
  [
    'a referral to a location of the own',
    { ownLocations: { north: ['copper vale'] } },
    'each record that is not held has the latest destination of its chart',
  ],
  [
    'a referral of a chart without a name',
    { charts: withChart(1, aChart(1, { first_name: '' })) },
    'each record that is not held has the latest destination of its chart',
  ],
  [
    'a revision during a hold',
    { referrals: withReferral(2, { revisions: [{ ...second({ revision: 1 }), at: later(1.5) }] }) },
    'nothing changes while a record is held',
  ],
  [
    'a revision during a hold that ended',
    { referrals: withReferral(3, { revisions: [{ ...second({ revision: 1 }), at: later(1.5) }] }) },
    'nothing changes while a record is held',
  ],
  [
    'an open referral of a deleted chart',
    { charts: withChart(1, { vaulted: true }) },
    'no referral of a deleted or TEST chart is open',
  ],
  [
    'an open referral of a deleted chart whose record is held',
    { charts: withChart(2, { vaulted: true }) },
    'no referral of a deleted or TEST chart is open',
  ],
  [
    'an open referral of a TEST chart',
    { charts: withChart(1, { kind: 'test' }) },
    'no referral of a deleted or TEST chart is open',
  ],
  [
    'a held record without a workflow',
    { running: [] },
    'each held record has its waiting workflow, and nothing else is running',
  ],
  [
    'a workflow of a record that is not held',
    { running: [waiting, { ...waiting, workflowId: 'patient/r-1' }] },
    'each held record has its waiting workflow, and nothing else is running',
  ],
  [
    'a workflow that does not show its hold',
    { running: [{ ...waiting, hold: false }] },
    'each held record has its waiting workflow, and nothing else is running',
  ],
  [
    'a run that is still in Temporal',
    { running: [waiting, { workflowId: 'sync/north', type: 'syncWorkflow', hold: false }] },
    'each held record has its waiting workflow, and nothing else is running',
  ],
  ['a record that waits for a pull', { records: withRecord(1, { pending: true }) }, 'no pull is owed'],
  ['a record that failed', { records: withRecord(1, { status: 'failed' }) }, 'no pull is owed'],
  [
    'an unlock that was sent and is not applied',
    { unlockRequests: [{ ...request, applied: null }] },
    'each unlock is applied once',
  ],
  ['an unlock that is not in the audit', { unlocks: [] }, 'each unlock is applied once'],
  [
    'a record that was unlocked twice',
    { unlocks: [unlock, { ...unlock, _id: 'unlock/u-2' }] },
    'each unlock is applied once',
  ],
  [
    'an unlock that its record does not show',
    { records: withRecord(3, { unlocked: null }) },
    'each unlock is applied once',
  ],
  ['counts that do not add up', { runs: [aRun({ counts: { due: 4, saved: 3 } })] }, 'the counts of each run add up'],
  ['a run that does not end', { runs: [aRun({ status: 'running', endedAt: null })] }, 'every run ends'],
  ['a break of the audit', { auditBreaks: ['entry 3 was changed'] }, 'the audit verifies'],
  ['a delivery that is gone', { deliveries: [{ ...delivery, times: 2 }] }, 'no delivery that was answered 202 is lost'],
  [
    'a delivery that still waits',
    { deliveries: [{ ...delivery, state: 'waiting' }] },
    'no delivery that was answered 202 is lost',
  ],
  ['a patient in a log', { exposed: ['the output of a process: 1 marks'] }, 'no patient is in Temporal or a log'],
];

describe('The invariants', () => {
  it('hold for a sound state', () => {
    expect(violationsOf(sound)).toEqual([]);
  });

  it.each(broken)('find %s', (_, change, invariant) => {
    expect(violationsOf({ ...sound, ...change }).map((one) => one.invariant)).toContain(invariant);
  });

  it('each find something in this table', () => {
    expect(new Set(broken.map(([, , invariant]) => invariant))).toEqual(new Set(Object.keys(invariants)));
  });

  it.each([
    ['a held record whose chart has changed', {}],
    ['a held record whose chart became a TEST chart', { charts: withChart(2, { kind: 'test' }) }],
    ['a chart that was deleted before it was listed', { charts: [...sound.charts, { ...aChart(5), vaulted: true }] }],
    ['a planned discharge', { records: withRecord(1, { pending: true, retryAt: later(900) }) }],
    ['more deliveries than were answered', { accepted: [] }],
    ['an unlock that was not sent', { unlockRequests: [request, { ...request, _id: 'u-2', applied: null }] }],
    [
      'a referral that was voided',
      {
        charts: withChart(1, { vaulted: true }),
        referrals: withReferral(1, {
          status: 'void',
          revision: 2,
          revisions: [second({ revision: 1 }), second({ status: 'void' })],
        }),
      },
    ],
  ] satisfies [string, Partial<Snapshot>][])('accept %s', (_, change) => {
    expect(violationsOf({ ...sound, ...change })).toEqual([]);
  });
});
