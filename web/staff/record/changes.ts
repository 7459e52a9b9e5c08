import { shownLevelOfCare } from '../../../domain/levelOfCare.ts';
import type { ReferralContent, ReferralRevision } from '../../../domain/referral.ts';

/** One difference between two revisions; null is nothing. */
export interface Difference {
  name: string;
  isDate: boolean;
  before: string | null;
  after: string | null;
}

const fields: readonly [name: string, of: (content: ReferralContent) => string | null, isDate?: true][] = [
  ['Destination', ({ destination }) => destination],
  ['Medical record number', ({ patient }) => patient.mrNumber],
  ['First name', ({ patient }) => patient.firstName],
  ['Middle name', ({ patient }) => patient.middleName],
  ['Last name', ({ patient }) => patient.lastName],
  ['Date of birth', ({ patient }) => patient.dob, true],
  ['Facility', ({ facility }) => facility.name],
  ['Admission', ({ admissionDate }) => admissionDate, true],
  ['Discharge', ({ dischargeDate }) => dischargeDate, true],
  ['Discharge type', ({ dischargeType }) => dischargeType],
  ['Level of care', ({ levelOfCare }) => shownLevelOfCare(levelOfCare)],
  ['Next level of care', ({ nextLevelOfCare }) => shownLevelOfCare(nextLevelOfCare)],
  ['Next level of care on', ({ nextLevelOfCareDate }) => nextLevelOfCareDate, true],
];

/** What a revision says otherwise than the one before it; nothing for the first. */
export function differences(before: ReferralRevision | undefined, after: ReferralRevision): Difference[] {
  if (before === undefined) return [];
  return fields
    .map(([name, of, isDate = false]) => ({ name, isDate, before: of(before) ?? null, after: of(after) ?? null }))
    .filter((one) => one.before !== one.after);
}
