import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../domain/chart.ts';
import {
  type DesiredReferral,
  desiredReferral,
  nextRevision,
  type ReferralRevision,
  voidedRevision,
} from '../../../domain/referral.ts';
import { addHours } from '../../../domain/time.ts';
import { aChart, pastedText } from '../../support/chartFixtures.ts';

const at = new Date('2026-02-03T12:00:00Z');
const own = ['Cedar Ridge', 'Cedar Ridge North'];
const desired = (changes: Partial<Chart> = {}, zone = 'America/New_York') =>
  desiredReferral(aChart(changes), own, zone);
const EMPTY: DesiredReferral = { none: 'empty' };

/** Returns the revisions of a referral after some changes, an hour apart. `'deleted'` is a chart deleted in KIPU. */
function history(...inputs: (DesiredReferral | 'deleted')[]): ReferralRevision[] {
  const revisions: ReferralRevision[] = [];
  for (const [hour, input] of inputs.entries()) {
    const current = revisions.at(-1) ?? null;
    const when = addHours(at, hour);
    const next = input === 'deleted' ? voidedRevision(current, when) : nextRevision(current, input, when);
    if (next !== null) revisions.push(next);
  }
  return revisions;
}

const summaries = (revisions: ReferralRevision[]) =>
  revisions.map((r) => [r.revision, r.status, r.change, r.destination]);

describe('desiredReferral', () => {
  it('contains what the next provider must know, and nothing else', () => {
    expect(desired({ destination: ' Harbor\u00a0 House ' })).toEqual({
      content: {
        destination: 'Harbor House',
        destinationId: '41',
        patient: {
          mrNumber: '2026-117',
          firstName: 'Odalys',
          middleName: null,
          lastName: 'Brandvold',
          dob: '1987-03-09',
        },
        facility: { locationId: '7', name: 'Cedar Ridge' },
        admissionDate: '2026-01-04T09:30:00',
        dischargeDate: '2026-02-02',
        dischargeType: 'Treatment complete',
        levelOfCare: 'Residential',
        nextLevelOfCare: 'Sober living',
        nextLevelOfCareDate: '2026-02-02',
      },
    });
  });

  it('has the local dates of the stay, so that only another local date makes a revision', () => {
    const admitted = { admissionDate: '2026-03-03T05:00:00.000Z', nextLevelOfCareDate: '2026-03-21T04:00:00.000Z' };
    const dates = { ...admitted, dischargeDate: '2026-03-21T01:30:00.000Z' };
    expect(desired(dates)).toMatchObject({
      content: { admissionDate: '2026-03-03', dischargeDate: '2026-03-20T21:30:00', nextLevelOfCareDate: '2026-03-21' },
    });
    const written = desired({ ...dates, admissionDate: '2026-03-03', dischargeDate: '2026-03-20T21:30:00' });
    expect(history(desired(dates), written, desired(dates, 'America/Chicago'))).toHaveLength(2);
  });

  it.each([
    ['null', null, 'empty'],
    ['blanks', ' \t\u00a0', 'empty'],
    ['only invisible characters', '\u200b\u200f', 'empty'],
    ['an own location', 'cedar  ridge', 'internal-transfer'],
    ['another own location', 'Cedar Ridge North', 'internal-transfer'],
  ])('is none for %s', (_what, destination, none) => {
    expect(desired({ destination })).toEqual({ none });
  });

  it.each(['__proto__', '$where', '<script>', 'constructor', 'null', '0'])('treats %j as a place', (destination) => {
    expect(desired({ destination })).toMatchObject({ content: { destination } });
    expect(history(desired({ destination }), desired({ destination }))).toHaveLength(1);
  });
});

describe('nextRevision', () => {
  const a = desired();
  const b = desired({ destination: 'Willow Creek' });

  it.each<[string, (DesiredReferral | 'deleted')[], unknown[]]>([
    ['no desired referral', [EMPTY], []],
    ['an internal transfer from the start', [{ none: 'internal-transfer' }], []],
    ['made', [a], [[1, 'open', 'made', 'Harbor House']]],
    ['the same three times', [a, a, a], [[1, 'open', 'made', 'Harbor House']]],
    [
      'A, B, A',
      [a, b, a],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'open', 'changed', 'Willow Creek'],
        [3, 'open', 'changed', 'Harbor House'],
      ],
    ],
    [
      'withdrawn, which keeps what it said, once',
      [a, EMPTY, EMPTY, { none: 'internal-transfer' }],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'withdrawn', 'withdrawn', 'Harbor House'],
      ],
    ],
    [
      'turned into an internal transfer',
      [a, { none: 'internal-transfer' }, EMPTY],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'withdrawn', 'internal-transfer', 'Harbor House'],
      ],
    ],
    [
      'withdrawn and restored',
      [a, EMPTY, a],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'withdrawn', 'withdrawn', 'Harbor House'],
        [3, 'open', 'restored', 'Harbor House'],
      ],
    ],
    [
      'discharge taken back, given again',
      [a, desired({ dischargeDate: null }), a],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'open', 'discharge-taken-back', 'Harbor House'],
        [3, 'open', 'changed', 'Harbor House'],
      ],
    ],
    [
      'discharge taken back along with its destination',
      [a, desired({ dischargeDate: null, destination: null })],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'withdrawn', 'withdrawn', 'Harbor House'],
      ],
    ],
    [
      'its chart deleted, and put back',
      [a, 'deleted', 'deleted', EMPTY, b],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'void', 'voided', 'Harbor House'],
        [3, 'open', 'restored', 'Willow Creek'],
      ],
    ],
    [
      'withdrawn, then its chart deleted',
      [a, EMPTY, 'deleted'],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'withdrawn', 'withdrawn', 'Harbor House'],
        [3, 'void', 'voided', 'Harbor House'],
      ],
    ],
    ['a chart deleted that had no referral', ['deleted'], []],
  ])('%s', (_what, inputs, revisions) => {
    expect(summaries(history(...inputs))).toEqual(revisions);
  });

  it.each<[string, Partial<Chart>]>([
    ['destination id', { destinationId: '42' }],
    ['medical record number', { mrNumber: '2026-118' }],
    ['first name', { firstName: 'Odalis' }],
    ['middle name', { middleName: 'R' }],
    ['last name', { lastName: 'Brandwold' }],
    ['birth date', { dob: '1987-03-10' }],
    ['location', { locationId: '8', locationName: 'Cedar Ridge North' }],
    ['admission date', { admissionDate: '2026-01-05' }],
    ['discharge date', { dischargeDate: '2026-02-01' }],
    ['discharge type', { dischargeType: 'Transfer' }],
    ['level of care', { levelOfCare: null }],
    ['next level of care', { nextLevelOfCare: 'Outpatient' }],
    ['next level of care date', { nextLevelOfCareDate: null }],
  ])('returns a revision for another %s', (_what, changes) => {
    expect(history(a, desired(changes)).at(-1)).toMatchObject({ revision: 2, change: 'changed' });
  });

  it.each<[string, Partial<Chart>]>([
    ['only last_updated_at changed', { lastUpdatedAt: '2026-02-03' }],
    ['only blanks changed', { destination: 'Harbor \u00a0House\t' }],
    [
      'only fields outside the referral changed',
      { insuranceCompany: 'Northline', program: 'Day', dateOfDeath: '2026-02-03' },
    ],
  ])('is null when %s', (_what, changes) => {
    expect(history(a, desired(changes))).toHaveLength(1);
  });

  it('accepts stored documents: fields in another order, an additional id, a field that was not stored then', () => {
    const [made] = history(a);
    if (made === undefined) throw new Error('no referral was made');
    const { levelOfCare: _newer, patient, ...older } = history(desired({ levelOfCare: null }))[0] ?? made;
    const shuffled = Object.entries({
      ...older,
      patient: Object.fromEntries(Object.entries(patient).reverse()),
      _id: 'r1',
    });
    // A document of an earlier release.
    const stored = Object.fromEntries(shuffled.reverse()) as unknown as ReferralRevision;
    expect(nextRevision(stored, desired({ levelOfCare: null }), at)).toBeNull();
    const withdrawn = nextRevision(stored, EMPTY, at);
    expect(withdrawn).not.toHaveProperty('_id');
    expect(withdrawn).toMatchObject({ revision: 2, status: 'withdrawn', patient: { firstName: 'Odalys' } });
  });

  const inputs = fc.oneof(
    {
      weight: 1,
      arbitrary: fc.constantFrom<DesiredReferral | 'deleted'>(EMPTY, { none: 'internal-transfer' }, 'deleted'),
    },
    {
      weight: 3,
      arbitrary: fc
        .record({
          destination: fc.oneof(fc.constantFrom('Harbor House', 'Willow Creek'), pastedText),
          dischargeDate: fc.constantFrom(null, '2026-02-02'),
        })
        .map(desired),
    },
  );

  it('numbers revisions from 1 without gaps over any history, and makes none for a repeated input', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 12 }), (sequence) => {
        const revisions = history(...sequence);
        expect(revisions.map((r) => r.revision)).toEqual(revisions.map((_r, index) => index + 1));
        expect(history(...sequence.flatMap((input) => [input, input])).map((r) => ({ ...r, at }))).toEqual(
          revisions.map((r) => ({ ...r, at })),
        );
        expect(revisions.filter((r) => r.change === 'made')).toHaveLength(Math.min(revisions.length, 1));
      }),
    );
  });

  it('keeps the content of a referral that ends, and has the desired content in an open one', () => {
    fc.assert(
      fc.property(fc.array(inputs, { minLength: 1, maxLength: 12 }), (sequence) => {
        const revisions = history(...sequence);
        const said = ({ revision: _r, status: _s, change: _c, at: _a, ...content }: ReferralRevision) => content;
        for (const [index, revision] of revisions.entries()) {
          const before = revisions[index - 1];
          if (revision.status !== 'open' && before !== undefined) expect(said(revision)).toEqual(said(before));
        }
        const last = sequence.at(-1);
        const latest = revisions.at(-1);
        if (typeof last === 'object' && 'content' in last) expect(latest && said(latest)).toEqual(last.content);
        if (latest?.status === 'open') expect(last).toHaveProperty('content');
      }),
    );
  });

  it('does not modify its arguments', () => {
    const [made] = history(a);
    const before = structuredClone(made);
    nextRevision(made ?? null, b, addHours(at, 1));
    nextRevision(made ?? null, EMPTY, addHours(at, 1));
    voidedRevision(made ?? null, addHours(at, 1));
    expect(made).toEqual(before);
  });
});
