import { describe, expect, it } from 'vitest';
import type { AuditDocument } from '../../../../store/accessDocuments.ts';
import { type RecordDetails, unlockStateOf } from '../../../../web/staff/record/facts.ts';
import { differences } from '../../../../web/staff/record/referral.tsx';
import { timeline } from '../../../../web/staff/record/timeline.tsx';
import { heldRecord, referralOf } from '../../../support/markedDocuments.ts';
import { aHold, aRecord, aReferral, at } from '../../../support/recordFixtures.ts';

const after = (minutes: number) => new Date(at.getTime() + minutes * 60_000);

function event(change: Partial<AuditDocument> = {}): AuditDocument {
  return {
    ...{
      _id: 'e',
      schemaVersion: 1,
      at: after(1),
      who: 'rvale',
      what: 'unlock-requested',
      instance: 'north',
      record: 'r',
    },
    ...{ why: 'checked', outcome: 'sent', seq: 1, previous: '', hash: 'h' },
    ...change,
  };
}

describe('unlockStateOf', () => {
  const held = aRecord({ status: 'held', hold: aHold });
  it.each([
    ['a hold without a request', held, [], 'held'],
    ['a requested unlock', held, [event()], 'requested'],
    ['a request that was not sent', held, [event({ outcome: 'not sent: …' })], 'held'],
    ['a request of an earlier hold', held, [event({ at: after(-1) })], 'held'],
    [
      'a request that no worker has applied for minutes',
      { ...held, hold: { ...aHold, since: after(-9) } },
      [event({ at: after(-5) })],
      'delayed',
    ],
    ['an unlocked record', aRecord({ status: 'unlocked' }), [event()], 'unlocked'],
    ['a linked record', aRecord(), [event()], 'none'],
  ] as const)('tells %s', (_, record, audit, state) => {
    expect(unlockStateOf(record, audit, after(1.5))).toBe(state);
  });
});

describe('timeline', () => {
  it.each([
    ['newest first', 1],
    ['what happened at the same time in the order of the work', 0],
  ])('lists everything once, %s', (_what, apart) => {
    const later = (n: number) => after(n * apart);
    const record = heldRecord(
      {},
      {
        ...{ status: 'synced', hold: null, lastHold: { reason: 'webhook-missing', since: later(2) } },
        ...{ createdAt: later(0), pulledAt: later(6), lastPull: { key: 'k', outcome: 'saved' } },
      },
    );
    const delivery = { webhook: 'chart-update', lastReceivedAt: later(1), times: 3 };
    const audit = [
      event({ at: later(5), what: 'unlock', name: 'Robin Vale', outcome: 'unlocked' }),
      event({ at: later(4) }),
      event({ at: later(3), what: 'sync-requested', why: null, outcome: 'sent' }),
    ];
    const { revisions } = referralOf(record);
    const referral = { ...aReferral(), revisions: revisions.map((one, n) => ({ ...one, at: later(7 + n) })) };
    const details = {
      record,
      referral,
      deliveries: [delivery],
      audit,
      views: [],
      unlockState: 'none',
      contact: null,
    } as unknown as RecordDetails;
    expect(timeline(details).map(({ what, more }) => [what, more])).toEqual([
      ['Referral changed', 'Copper Vale'],
      ['Referral created', 'Copper Vale before'],
      ['Chart updated', undefined],
      ['Unlocked', 'by rvale (Robin Vale): checked'],
      ['Unlock requested', 'by rvale: checked'],
      ['EMR updates locked', 'No chart updates from KIPU'],
      ['Chart Update webhook received', '3 times'],
      ['First listed by KIPU', undefined],
    ]);
  });

  it.each([
    [0, 'No chart updates from KIPU'],
    [1, 'No chart updates from KIPU; 1 reminder since'],
    [2, 'No chart updates from KIPU; 2 reminders since'],
  ])('counts %i reminders of a lock', (reminders, more) => {
    const record = heldRecord({}, { hold: { ...aHold, reason: 'webhook-missing', reminders } });
    const entries = timeline({
      ...{ record, zone: 'UTC', chartUrl: null, referral: null, deliveries: [], audit: [], views: [] },
      ...{ disclosures: [], unlockState: 'none', contact: null },
    });
    expect(entries.find(({ what }) => what === 'EMR updates locked')?.more).toBe(more);
  });

  it('lists a failure and how many times in a row it happened', () => {
    const failure = { key: 'k', code: 'timeout', text: 'KIPU did not answer.', times: 3, at: after(1) };
    const record = aRecord({ failure });
    const entry = timeline({
      ...{ record, zone: 'UTC', chartUrl: null, referral: null, deliveries: [], audit: [], views: [] },
      disclosures: [],
      unlockState: 'none',
      contact: null,
    }).find(({ tone }) => tone === 'bad');
    expect(entry).toMatchObject({ what: 'Chart could not be read (3 times in a row)', more: failure.text });
  });
});

describe('differences', () => {
  const [first, second] = referralOf(heldRecord()).revisions;
  const prefixed = second && { ...second, levelOfCare: 'UR LOC: PHP' };
  it.each([
    ['nothing for the first revision', undefined, {}, []],
    ['nothing for equal revisions', second, {}, []],
    ['a new destination', first, {}, ['Destination: Copper Vale before → Copper Vale']],
    ['a date that was removed', second, { dischargeDate: null }, ['Discharge: 2026-02-28 → null']],
    ['a new level of care', prefixed, { levelOfCare: 'IOP' }, ['Level of care: PHP → IOP']],
    ['nothing for a level of care that only loses KIPU’s prefix', prefixed, { levelOfCare: 'PHP' }, []],
    ['a new name', second, { patient: { ...aReferral().patient, lastName: 'New' } }, ['Last name: Invented → New']],
  ] as const)('returns %s', (_, before, change, expected) => {
    if (second === undefined) throw new Error('no revision');
    const found = differences(before, { ...second, ...change });
    expect(found.map(({ name, before: was, after: is }) => `${name}: ${was} → ${is}`)).toEqual(expected);
  });
});
