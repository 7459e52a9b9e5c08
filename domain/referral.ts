import type { Chart } from './chart.ts';
import { cleanDestination, isInternalTransfer } from './destination.ts';
import { localDate } from './timeZone.ts';

export type ReferralStatus = 'open' | 'withdrawn' | 'void';

/** What happened between a revision and the one before it. */
export type ReferralChange =
  | 'made'
  | 'changed'
  | 'withdrawn'
  | 'internal-transfer'
  | 'restored'
  | 'discharge-taken-back'
  | 'voided';

/**
 * Where a patient goes on discharge, and what the next provider must know. Its dates are those that the clocks of the
 * location showed, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`: their day is the local day.
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

/** What a chart says about the referral: its content, or why there is none. */
export type DesiredReferral = { content: ReferralContent } | { none: 'empty' | 'internal-transfer' };

/**
 * Reads the referral out of a chart. `ownLocations` are the names of the instance's own locations, `zone` is the time
 * zone of the chart's.
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
 * The next revision of a referral, or null when nothing changes. `current` is its latest revision, null when the
 * record has no referral. What a withdrawn or voided referral said is kept in the revision that ends it.
 */
export function nextRevision(
  current: ReferralRevision | null,
  wish: DesiredReferral,
  at: Date,
): ReferralRevision | null {
  if ('none' in wish) {
    if (current === null || current.status !== 'open') return null;
    const change = wish.none === 'empty' ? 'withdrawn' : 'internal-transfer';
    return { ...contentOf(current), revision: current.revision + 1, status: 'withdrawn', change, at };
  }
  if (current === null) return { ...wish.content, revision: 1, status: 'open', change: 'made', at };
  if (current.status === 'open' && sameContent(current, wish.content)) return null;
  return {
    ...wish.content,
    revision: current.revision + 1,
    status: 'open',
    change: changeOf(current, wish.content),
    at,
  };
}

/** The revision that voids a referral because its chart was deleted in KIPU; null when it is void already. */
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
 * The content alone, its fields in one order. A document read back may hold them in another order, hold more (its id),
 * or be older than a field, which then counts as null; none of this is a change.
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
