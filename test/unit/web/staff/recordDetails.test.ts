import { describe, expect, it } from 'vitest';
import type { AuditDocument } from '../../../../store/accessDocuments.ts';
import { differences } from '../../../../web/staff/record/changes.ts';
import { movesOf, type RecordDetails } from '../../../../web/staff/record/facts.ts';
import { timeline } from '../../../../web/staff/record/timeline.ts';
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

describe('what may change by itself', () => {
  const held = aRecord({ status: 'held', hold: aHold });
  it.each([
    ['a hold', held, [], 'held'],
    ['an unlock on its way', held, [event()], 'asked'],
    ['one that was not sent', held, [event({ outcome: 'not sent: …' })], 'held'],
    ['one of an earlier hold', held, [event({ at: after(-1) })], 'held'],
    [
      'one that nobody applied for long',
      { ...held, hold: { ...aHold, since: after(-9) } },
      [event({ at: after(-5) })],
      'stuck',
    ],
    ['an unlocked record', aRecord({ status: 'unlocked' }), [event()], 'unlocked'],
    ['a linked one', aRecord(), [event()], 'none'],
  ] as const)('%s', (_, record, audit, moves) => {
    expect(movesOf(record, audit, after(1.5))).toBe(moves);
  });
});

describe('the time line', () => {
  it('tells everything once, the newest first', () => {
    const record = heldRecord(
      {},
      {
        ...{ status: 'synced', hold: null, lastHold: { reason: 'webhook-missing', since: after(1) } },
        ...{ createdAt: after(0), pulledAt: after(6), lastPull: { key: 'k', outcome: 'saved' } },
      },
    );
    const delivery = { webhook: 'chart-update', lastReceivedAt: after(2), times: 3 };
    const audit = [
      event({ at: after(5), what: 'unlock', who: 'Robin Vale', outcome: 'unlocked' }),
      event({ at: after(4) }),
      event({ at: after(3), what: 'record-viewed', why: null, outcome: 'shown' }),
    ];
    const { revisions } = referralOf(record);
    const referral = { ...aReferral(), revisions: revisions.map((one, n) => ({ ...one, at: after(7 + n) })) };
    const stay = { record, referral, deliveries: [delivery], audit, moves: 'none' } as unknown as RecordDetails;
    expect(timeline(stay).map(({ what, more }) => [what, more])).toEqual([
      ['Referral, revision 2: Changed', 'Copper Vale'],
      ['Referral, revision 1: Made', 'Copper Vale before'],
      ['Chart read', 'saved'],
      ['Unlocked', 'by Robin Vale: checked'],
      ['Unlock asked for', 'by rvale: checked'],
      ['Webhook Chart Update came', '3 times'],
      ['EMR updates locked', 'Webhook never came'],
      ['First seen in KIPU', undefined],
    ]);
  });

  it('tells a failure and how often it came', () => {
    const failure = { key: 'k', code: 'timeout', text: 'KIPU did not answer.', times: 3, at: after(1) };
    const stay = { record: aRecord({ failure }), referral: null, deliveries: [], audit: [], moves: 'none' } as const;
    const told = timeline({ ...stay, deliveries: [], audit: [] }).find(({ tone }) => tone === 'bad');
    expect(told).toMatchObject({ what: 'Chart could not be read (3 times in a row)', more: failure.text });
  });
});

describe('what changed between revisions', () => {
  const [first, second] = referralOf(heldRecord()).revisions;
  const prefixed = second && { ...second, levelOfCare: 'UR LOC: PHP' };
  it.each([
    ['nothing, for the first', undefined, {}, []],
    ['nothing, where they say the same', second, {}, []],
    ['the destination', first, {}, ['Destination: Copper Vale before → Copper Vale']],
    ['a date that was taken back', second, { dischargeDate: null }, ['Discharge: 2026-02-28 → null']],
    ['a level of care', prefixed, { levelOfCare: 'IOP' }, ['Level of care: PHP → IOP']],
    ['its prefix alone', prefixed, { levelOfCare: 'PHP' }, []],
    ['a name', second, { patient: { ...aReferral().patient, lastName: 'New' } }, ['Last name: Invented → New']],
  ] as const)('%s', (_, before, change, told) => {
    if (second === undefined) throw new Error('no revision');
    const found = differences(before, { ...second, ...change });
    expect(found.map(({ name, before: was, after: is }) => `${name}: ${was} → ${is}`)).toEqual(told);
  });
});
