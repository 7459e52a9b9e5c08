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
const wish = (changes: Partial<Chart> = {}, zone = 'America/New_York') => desiredReferral(aChart(changes), own, zone);
const EMPTY: DesiredReferral = { none: 'empty' };

/** The revisions that a referral goes through, an hour apart. `'deleted'` is a chart deleted in KIPU. */
function history(...steps: (DesiredReferral | 'deleted')[]): ReferralRevision[] {
  const revisions: ReferralRevision[] = [];
  for (const [hour, step] of steps.entries()) {
    const current = revisions.at(-1) ?? null;
    const when = addHours(at, hour);
    const next = step === 'deleted' ? voidedRevision(current, when) : nextRevision(current, step, when);
    if (next !== null) revisions.push(next);
  }
  return revisions;
}

const told = (revisions: ReferralRevision[]) => revisions.map((r) => [r.revision, r.status, r.change, r.destination]);

describe('wishedReferral', () => {
  it('holds what the next provider must know, and no more', () => {
    expect(wish({ destination: ' Harbor\u00a0 House ' })).toEqual({
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

  it('has the local dates of the stay: a revision only where one of them differs', () => {
    const admitted = { admissionDate: '2026-03-03T05:00:00.000Z', nextLevelOfCareDate: '2026-03-21T04:00:00.000Z' };
    const dates = { ...admitted, dischargeDate: '2026-03-21T01:30:00.000Z' };
    expect(wish(dates)).toMatchObject({
      content: { admissionDate: '2026-03-03', dischargeDate: '2026-03-20T21:30:00', nextLevelOfCareDate: '2026-03-21' },
    });
    const written = wish({ ...dates, admissionDate: '2026-03-03', dischargeDate: '2026-03-20T21:30:00' });
    expect(history(wish(dates), written, wish(dates, 'America/Chicago'))).toHaveLength(2);
  });

  it.each([
    ['null', null, 'empty'],
    ['blanks', ' \t\u00a0', 'empty'],
    ['only invisible characters', '\u200b\u200f', 'empty'],
    ['an own location', 'cedar  ridge', 'internal-transfer'],
    ['another own location', 'Cedar Ridge North', 'internal-transfer'],
  ])('is none for %s', (_what, destination, none) => {
    expect(wish({ destination })).toEqual({ none });
  });

  it.each(['__proto__', '$where', '<script>', 'constructor', 'null', '0'])('takes %j for a place', (destination) => {
    expect(wish({ destination })).toMatchObject({ content: { destination } });
    expect(history(wish({ destination }), wish({ destination }))).toHaveLength(1);
  });
});

describe('nextRevision', () => {
  const a = wish();
  const b = wish({ destination: 'Willow Creek' });

  it.each<[string, (DesiredReferral | 'deleted')[], unknown[]]>([
    ['nothing wished', [EMPTY], []],
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
      [a, wish({ dischargeDate: null }), a],
      [
        [1, 'open', 'made', 'Harbor House'],
        [2, 'open', 'discharge-taken-back', 'Harbor House'],
        [3, 'open', 'changed', 'Harbor House'],
      ],
    ],
    [
      'discharge taken back along with its destination',
      [a, wish({ dischargeDate: null, destination: null })],
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
  ])('%s', (_what, steps, revisions) => {
    expect(told(history(...steps))).toEqual(revisions);
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
  ])('another %s is a change', (_what, changes) => {
    expect(history(a, wish(changes)).at(-1)).toMatchObject({ revision: 2, change: 'changed' });
  });

  it.each<[string, Partial<Chart>]>([
    ['KIPU touched it', { lastUpdatedAt: '2026-02-03' }],
    ['stray blanks came or went', { destination: 'Harbor \u00a0House\t' }],
    ['what the referral does not hold', { insuranceCompany: 'Northline', program: 'Day', dateOfDeath: '2026-02-03' }],
  ])('is null when %s', (_what, changes) => {
    expect(history(a, wish(changes))).toHaveLength(1);
  });

  it('compares what was read back from the database: other order, an id beside it, a field that was not kept then', () => {
    const [made] = history(a);
    if (made === undefined) throw new Error('no referral was made');
    const { levelOfCare: _newer, patient, ...older } = history(wish({ levelOfCare: null }))[0] ?? made;
    const shuffled = Object.entries({
      ...older,
      patient: Object.fromEntries(Object.entries(patient).reverse()),
      _id: 'r1',
    });
    // A document as an earlier release wrote it.
    const stored = Object.fromEntries(shuffled.reverse()) as unknown as ReferralRevision;
    expect(nextRevision(stored, wish({ levelOfCare: null }), at)).toBeNull();
    const withdrawn = nextRevision(stored, EMPTY, at);
    expect(withdrawn).not.toHaveProperty('_id');
    expect(withdrawn).toMatchObject({ revision: 2, status: 'withdrawn', patient: { firstName: 'Odalys' } });
  });

  const wishes = fc.oneof(
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
        .map(wish),
    },
  );

  it('over any history: numbered from 1 without gaps, nothing said twice in a row, and settled when repeated', () => {
    fc.assert(
      fc.property(fc.array(wishes, { maxLength: 12 }), (steps) => {
        const revisions = history(...steps);
        expect(revisions.map((r) => r.revision)).toEqual(revisions.map((_r, index) => index + 1));
        expect(history(...steps.flatMap((step) => [step, step])).map((r) => ({ ...r, at }))).toEqual(
          revisions.map((r) => ({ ...r, at })),
        );
        expect(revisions.filter((r) => r.change === 'made')).toHaveLength(Math.min(revisions.length, 1));
      }),
    );
  });

  it('an end keeps every word of what was ended, and an open one says what was wished', () => {
    fc.assert(
      fc.property(fc.array(wishes, { minLength: 1, maxLength: 12 }), (steps) => {
        const revisions = history(...steps);
        const said = ({ revision: _r, status: _s, change: _c, at: _a, ...content }: ReferralRevision) => content;
        for (const [index, revision] of revisions.entries()) {
          const before = revisions[index - 1];
          if (revision.status !== 'open' && before !== undefined) expect(said(revision)).toEqual(said(before));
        }
        const last = steps.at(-1);
        const latest = revisions.at(-1);
        if (typeof last === 'object' && 'content' in last) expect(latest && said(latest)).toEqual(last.content);
        if (latest?.status === 'open') expect(last).toHaveProperty('content');
      }),
    );
  });

  it('leaves what it is given alone', () => {
    const [made] = history(a);
    const before = structuredClone(made);
    nextRevision(made ?? null, b, addHours(at, 1));
    nextRevision(made ?? null, EMPTY, addHours(at, 1));
    voidedRevision(made ?? null, addHours(at, 1));
    expect(made).toEqual(before);
  });
});
