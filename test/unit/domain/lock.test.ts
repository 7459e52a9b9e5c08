import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dischargedAt,
  holdReasons,
  holdReasonText,
  holdWords,
  lockPolicies,
  lockReason,
  webhookHealths,
} from '../../../domain/lock.ts';
import { addDays, utcDay } from '../../../domain/time.ts';
import { instants } from '../../support/chartFixtures.ts';

describe('dischargedAt', () => {
  const now = new Date('2026-02-03T12:00:00Z');
  const isDischarged = (date: string | null, zone: string, at: Date) => {
    const discharge = dischargedAt(date, zone);
    return discharge !== null && discharge <= at;
  };

  it.each([
    ['no date', null, false],
    ['yesterday', '2026-02-02', true],
    ['today', '2026-02-03', true],
    ['tomorrow', '2026-02-04', false],
    ['in a year', '2027-02-03', false],
    ['a clock time that has passed', '2026-02-03T11:59:59', true],
    ['a clock time to come', '2026-02-03T12:00:01', false],
    ['this very instant', '2026-02-03T12:00:00.000Z', true],
    ['a moment later', '2026-02-03T12:00:00.001Z', false],
    ['long before any admission', '1999-01-01', true],
  ])('%s', (_what, dischargeDate, discharged) => {
    expect(isDischarged(dischargeDate, 'UTC', now)).toBe(discharged);
  });

  it.each([
    ['today, a second before it begins there', '2026-03-08', '2026-03-08T07:59:59Z', false],
    ['today, as it begins there', '2026-03-08', '2026-03-08T08:00:00Z', true],
    ['the evening there, which is past in UTC', '2026-03-08T20:00:00', '2026-03-08T23:00:00Z', false],
    ['that evening when it comes there', '2026-03-08T20:00:00', '2026-03-09T03:00:00Z', true],
    ['an instant, whatever the zone', '2026-03-08T20:00:00.000Z', '2026-03-08T20:00:00Z', true],
  ])('in Los Angeles: %s', (_what, date, at, discharged) => {
    expect(isDischarged(date, 'America/Los_Angeles', new Date(at))).toBe(discharged);
  });

  it('is null for a date later than in any time zone, and stays set once it is set', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 900 }), (at, days) => {
        expect(isDischarged(utcDay(addDays(at, days)), 'UTC', at)).toBe(false);
        expect(isDischarged(utcDay(at), 'UTC', addDays(at, days))).toBe(true);
      }),
    );
  });
});

describe('lockReason', () => {
  const discharged = { discharged: true, unlockedBefore: false };

  it.each([
    ['webhook-missing', 'missing', 'webhook-missing'],
    ['webhook-missing', 'failing', 'webhook-failing'],
    ['webhook-missing', 'unknown', 'webhook-unknown'],
    ['webhook-missing', 'healthy', null],
    ['always', 'missing', 'policy-always'],
    ['always', 'failing', 'policy-always'],
    ['always', 'unknown', 'policy-always'],
    ['always', 'healthy', 'policy-always'],
    ['never', 'missing', null],
    ['never', 'failing', null],
    ['never', 'unknown', null],
    ['never', 'healthy', null],
  ] as const)('discharged, policy %s, webhook %s: %s', (policy, chartUpdate, reason) => {
    expect(lockReason({ ...discharged, policy, chartUpdate })).toBe(reason);
  });

  const everyCase = fc.record({
    policy: fc.constantFrom(...lockPolicies),
    chartUpdate: fc.constantFrom(...webhookHealths),
    discharged: fc.boolean(),
    unlockedBefore: fc.boolean(),
  });

  it('is null after an unlock, and for a patient who is still there', () => {
    fc.assert(
      fc.property(everyCase, (facts) => {
        expect(lockReason({ ...facts, unlockedBefore: true })).toBeNull();
        expect(lockReason({ ...facts, discharged: false })).toBeNull();
      }),
    );
  });

  it('has a text for each reason', () => {
    fc.assert(
      fc.property(everyCase, (facts) => {
        const reason = lockReason(facts);
        if (reason !== null) expect(holdReasonText[reason]).toMatch(/^Patient discharged: EMR updates locked\. \S/);
      }),
    );
  });

  it('includes the location of the webhook that is the reason', () => {
    for (const reason of holdReasons) {
      expect(holdWords(reason, null)).toBe(holdReasonText[reason]);
      expect(holdWords(reason, 'Annex $& (2)').includes('Chart Update webhook for Annex $& (2) ')).toBe(
        reason !== 'policy-always',
      );
    }
  });
});
