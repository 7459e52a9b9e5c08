import type { Chart } from '../../domain/chart.ts';
import type { AuditCheckDocument } from '../../store/accessDocuments.ts';
import type { RecordDocument, ReferralDocument } from '../../store/documents.ts';
import type { MeasuredWebhook } from '../../store/webhookHealth.ts';

export const at = new Date('2026-03-01T10:00:00Z');

const synced = {
  _id: 'r-bcdf2345ghjk6789',
  schemaVersion: 1,
  instance: 'north',
  casefileId: '7:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
  masterId: '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
  status: 'synced' as const,
  listedVersion: null,
  pulledVersion: null,
  chartVersion: null,
  pulledAt: at,
  pending: false,
  retryAt: null,
  chart: null,
  missing: [],
  hold: null,
  unlocked: null,
  failure: null,
  lastPull: null,
  rev: 1,
  createdAt: at,
  updatedAt: at,
};

/** Returns a synced record with these changes. */
export function aRecord(change: Partial<RecordDocument> = {}): RecordDocument {
  return { ...synced, ...change };
}

/** Returns a webhook of `north` that works, with these changes. */
export function aMeasuredWebhook(change: Partial<MeasuredWebhook> = {}): MeasuredWebhook {
  return {
    ...{ _id: 'north/chart-update/1', schemaVersion: 1, instance: 'north', webhook: 'chart-update' },
    ...{
      locationId: '1',
      locationName: 'Manor',
      lastDeliveryAt: at,
      lastNotified: null,
      cycles: [],
      health: 'healthy',
    },
    ...change,
  };
}

/** Returns an open referral with these changes. */
export function aReferral(change: Partial<ReferralDocument> = {}): ReferralDocument {
  return {
    _id: 'r-bcdf2345ghjk6789',
    schemaVersion: 1,
    instance: 'north',
    casefileId: '7:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
    revision: 2,
    status: 'open',
    change: 'changed',
    at,
    destination: 'Copper Vale',
    destinationId: null,
    patient: { mrNumber: 'MR-1', firstName: 'Ada', middleName: null, lastName: 'Invented', dob: '1990-01-01' },
    facility: { locationId: '1', name: 'North House' },
    admissionDate: null,
    dischargeDate: '2026-02-28',
    dischargeType: null,
    levelOfCare: null,
    nextLevelOfCare: null,
    nextLevelOfCareDate: null,
    revisions: [],
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

/** Returns a chart with nothing but ids and a name, with these changes. */
export function aChart(change: Partial<Chart> = {}): Chart {
  return {
    casefileId: '7:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
    masterId: '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
    mrNumber: null,
    firstName: 'Ada',
    middleName: null,
    lastName: 'Invented',
    dob: '1990-01-01',
    admissionDate: null,
    dischargeDate: null,
    anticipatedDischargeDate: null,
    destinationId: null,
    destination: null,
    dischargeType: null,
    dischargeTypeCode: null,
    levelOfCare: null,
    nextLevelOfCare: null,
    nextLevelOfCareDate: null,
    program: null,
    locationId: null,
    locationName: null,
    insuranceCompany: null,
    paymentMethod: null,
    referrerName: null,
    firstContactName: null,
    dateOfDeath: null,
    createdAt: null,
    lastUpdatedAt: null,
    ...change,
  };
}

export const aHold = { reason: 'webhook-missing', since: at, reminders: 1, changesWaiting: 2 } as const;

/** Returns a check that found the audit intact, with these changes. */
export function anAuditCheck(change: Partial<AuditCheckDocument> = {}): AuditCheckDocument {
  return {
    ...{ _id: 'last', schemaVersion: 1, at, who: 'a', entries: 1, broken: 0, changedDisclosures: 0 },
    ...{ authenticated: true, isIntact: true },
    ...change,
  };
}
