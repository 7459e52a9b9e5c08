import type { Chart } from './chart.ts';
import { visibleText } from './chart.ts';
import { localDate } from './time.ts';

export const referralStatuses = ['open', 'withdrawn', 'void'] as const;
export type ReferralStatus = (typeof referralStatuses)[number];

/** What happened between a revision and the one before it. */
export const referralChanges = [
  'made',
  'changed',
  'withdrawn',
  'internal-transfer',
  'placeholder',
  'not-ready',
  'restored',
  'discharge-taken-back',
  'voided',
] as const;
export type ReferralChange = (typeof referralChanges)[number];

/**
 * Where a patient goes on discharge, and what the next provider needs to know. Dates are in the local time of the location,
 * `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`.
 */
export interface ReferralContent {
  destination: string;
  destinationId: string | null;
  patient: {
    mrNumber: string | null;
    firstName: string | null;
    middleName: string | null;
    lastName: string | null;
    dob: string | null;
  };
  facility: { locationId: string | null; name: string | null };
  admissionDate: string | null;
  dischargeDate: string | null;
  dischargeType: string | null;
  levelOfCare: string | null;
  nextLevelOfCare: string | null;
  nextLevelOfCareDate: string | null;
}

export interface ReferralRevision extends ReferralContent {
  /** 1 for the first. */
  revision: number;
  status: ReferralStatus;
  change: ReferralChange;
  at: Date;
}

/** The referral that a chart asks for: its content, or why there is none. */
export type DesiredReferral =
  | { content: ReferralContent }
  | { none: 'empty' | 'internal-transfer' | 'placeholder' | 'not-ready' };

/**
 * Returns the referral that a chart asks for. `ownLocations` are the names of the instance's own locations, `zone` is the time
 * zone of the chart's location.
 */
export function desiredReferral(chart: Chart, ownLocations: readonly string[], zone: string): DesiredReferral {
  const destination = cleanDestination(chart.destination);
  if (destination === '') return { none: 'empty' };
  if (isInternalTransfer(destination, ownLocations)) return { none: 'internal-transfer' };
  return {
    content: {
      destination,
      destinationId: chart.destinationId,
      patient: {
        mrNumber: chart.mrNumber,
        firstName: chart.firstName,
        middleName: chart.middleName,
        lastName: chart.lastName,
        dob: chart.dob,
      },
      facility: { locationId: chart.locationId, name: chart.locationName },
      admissionDate: localDate(chart.admissionDate, zone),
      dischargeDate: localDate(chart.dischargeDate, zone),
      dischargeType: chart.dischargeType,
      levelOfCare: chart.levelOfCare,
      nextLevelOfCare: chart.nextLevelOfCare,
      nextLevelOfCareDate: localDate(chart.nextLevelOfCareDate, zone),
    },
  };
}

/**
 * Returns the next revision of a referral, or null if nothing changes. `current` is its latest revision, null if the record
 * has no referral. The revision that withdraws or voids a referral keeps its content.
 */
export function nextRevision(
  current: ReferralRevision | null,
  desired: DesiredReferral,
  at: Date,
): ReferralRevision | null {
  if ('none' in desired) {
    if (current === null || current.status !== 'open') return null;
    const change = desired.none === 'empty' ? 'withdrawn' : desired.none;
    return { ...contentOf(current), revision: current.revision + 1, status: 'withdrawn', change, at };
  }
  if (current === null) return { ...desired.content, revision: 1, status: 'open', change: 'made', at };
  if (current.status === 'open' && sameContent(current, desired.content)) return null;
  return {
    ...desired.content,
    revision: current.revision + 1,
    status: 'open',
    change: changeOf(current, desired.content),
    at,
  };
}

/** Returns the revision that voids a referral because its chart was deleted in KIPU; null if it is void already. */
export function voidedRevision(current: ReferralRevision | null, at: Date): ReferralRevision | null {
  if (current === null || current.status === 'void') return null;
  return { ...contentOf(current), revision: current.revision + 1, status: 'void', change: 'voided', at };
}

function changeOf(current: ReferralRevision, content: ReferralContent): ReferralChange {
  if (current.status !== 'open') return 'restored';
  return current.dischargeDate !== null && content.dischargeDate === null ? 'discharge-taken-back' : 'changed';
}

function sameContent(a: ReferralContent, b: ReferralContent): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

/**
 * Returns only the content, with its fields in a fixed order. A stored document may have another order, more fields (its id),
 * or be older than a field, which then counts as null. None of these is a change.
 */
function contentOf({ patient, facility, ...rest }: ReferralContent): ReferralContent {
  return {
    destination: rest.destination,
    destinationId: rest.destinationId ?? null,
    patient: {
      mrNumber: patient.mrNumber ?? null,
      firstName: patient.firstName ?? null,
      middleName: patient.middleName ?? null,
      lastName: patient.lastName ?? null,
      dob: patient.dob ?? null,
    },
    facility: { locationId: facility.locationId ?? null, name: facility.name ?? null },
    admissionDate: rest.admissionDate ?? null,
    dischargeDate: rest.dischargeDate ?? null,
    dischargeType: rest.dischargeType ?? null,
    levelOfCare: rest.levelOfCare ?? null,
    nextLevelOfCare: rest.nextLevelOfCare ?? null,
    nextLevelOfCareDate: rest.nextLevelOfCareDate ?? null,
  };
}

/** Returns *Discharge/Transition To* as it is stored: blanks collapsed to one space, ends trimmed, curly quotes straight; '' for nothing. */
export function cleanDestination(text: string | null): string {
  return visibleText(text)
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/gu, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033]/gu, '"');
}

/** Returns true if the destination is one of the instance's own locations: the patient is transferred inside, not referred out. */
export function isInternalTransfer(destination: string, ownLocations: readonly string[]): boolean {
  const wanted = fold(destination);
  return wanted !== '' && ownLocations.some((location) => fold(location) === wanted);
}

/** Returns the same text for spellings that differ only in capitals or in how é is encoded. */
function fold(text: string): string {
  return cleanDestination(text).toLocaleLowerCase('en-US').normalize('NFC');
}
