import type { DisclosedReferral } from '../../../client/disclose.ts';
import { shownLevelOfCare } from '../../../domain/chart.ts';
import { BYTE_ORDER_MARK, type CsvValue, csvLine } from '../../../domain/csv.ts';
import { notice } from '../../../domain/disclosure.ts';
import type { ListedReferral } from '../../../store/referralLists.ts';

const columns: readonly [title: string, of: (referral: ListedReferral, basis: string) => CsvValue][] = [
  ['Instance', ({ instance }) => instance],
  ['Record', ({ _id }) => _id],
  ['Casefile', ({ casefileId }) => casefileId],
  ['Status', ({ status }) => status],
  ['Last change', ({ change }) => change],
  ['Revision', ({ revision }) => revision],
  ['Destination', ({ destination }) => destination],
  ['Facility', ({ facility }) => facility.name],
  ['Level of care', ({ levelOfCare }) => shownLevelOfCare(levelOfCare)],
  ['Next level of care', ({ nextLevelOfCare }) => shownLevelOfCare(nextLevelOfCare)],
  ['Next level of care on', ({ nextLevelOfCareDate }) => nextLevelOfCareDate],
  ['Admission', ({ admissionDate }) => admissionDate],
  ['Discharge', ({ dischargeDate }) => dischargeDate],
  ['Discharge type', ({ dischargeType }) => dischargeType],
  ['Last name', ({ patient }) => patient.lastName],
  ['First name', ({ patient }) => patient.firstName],
  ['Middle name', ({ patient }) => patient.middleName],
  ['Date of birth', ({ patient }) => patient.dob],
  ['Medical record number', ({ patient }) => patient.mrNumber],
  ['Created (UTC)', ({ createdAt }) => createdAt],
  ['Last changed (UTC)', ({ updatedAt }) => updatedAt],
  ['Basis of disclosure', (_, basis) => basis],
  ['Notice', () => notice.text],
];

/** Yields the referrals as CSV (RFC 4180), one line at a time. */
export async function* csvOf(disclosed: AsyncIterable<DisclosedReferral>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(columns.map(([title]) => title));
  for await (const { referral, basis } of disclosed) yield csvLine(columns.map(([, of]) => of(referral, basis)));
}
