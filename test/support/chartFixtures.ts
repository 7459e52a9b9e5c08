import fc from 'fast-check';
import type { Chart } from '../../domain/chart.ts';

/** Returns the chart of an invented patient: ready for sync, discharged, with a destination. */
export function aChart(changes: Partial<Chart> = {}): Chart {
  return {
    casefileId: '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
    masterId: '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
    mrNumber: '2026-117',
    firstName: 'Odalys',
    middleName: null,
    lastName: 'Brandvold',
    dob: '1987-03-09',
    admissionDate: '2026-01-04T09:30:00',
    dischargeDate: '2026-02-02',
    anticipatedDischargeDate: '2026-02-01',
    destinationId: '41',
    destination: 'Harbor House',
    dischargeType: 'Treatment complete',
    dischargeTypeCode: 'TC',
    levelOfCare: 'Residential',
    nextLevelOfCare: 'Sober living',
    nextLevelOfCareDate: '2026-02-02',
    program: 'Adult',
    locationId: '7',
    locationName: 'Cedar Ridge',
    insuranceCompany: null,
    paymentMethod: 'Self pay',
    referrerName: null,
    firstContactName: 'Ilse Brandvold',
    dateOfDeath: null,
    createdAt: '2026-01-03T17:00:00.000Z',
    lastUpdatedAt: '2026-02-02T15:12:40.000Z',
    ...changes,
  };
}

/** Instants in the first half of this century. */
export const instants = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2049-12-31T23:59:59Z'),
  noInvalidDate: true,
});

/** Offsets of time zones from UTC in milliseconds: from -12:00 to +14:00, in quarters of an hour. */
export const zoneOffsets = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 900_000);

/** Returns the calendar day of an instant in a time zone that is `offsetMs` ahead of UTC. */
export function localDay(at: Date, offsetMs: number): string {
  return new Date(at.getTime() + offsetMs).toISOString().slice(0, 10);
}

/** Text as staff paste it: letters of several scripts, quotes, every kind of blank, invisible and broken characters. */
export const pastedText = fc
  .array(
    fc.oneof(
      fc.constantFrom(' ', '\t', '\r\n', '\u0000', '\u0085', '\u00a0', '\u2003', '\u2028', '\u3000', '\u2800'),
      fc.constantFrom(
        '\u00ad',
        '\u200b',
        '\u200c',
        '\u200d',
        '\u200e',
        '\u200f',
        '\u202e',
        '\u2066',
        '\u2060',
        '\ufeff',
      ),
      fc.constantFrom('\u2018', '\u2019', '\u201c', '\u201d', '\u2033', "'", '"'),
      fc.constantFrom('\ud83d', '\ude00', '\u0301', 'e', 'é', 'İ', 'ß', 'ب', 'ی', 'ש', '家', '👩'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));
