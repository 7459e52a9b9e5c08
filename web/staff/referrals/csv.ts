import type { DisclosedReferral } from '../../../client/disclose.ts';
import { shownLevelOfCare } from '../../../domain/chart.ts';
import { BYTE_ORDER_MARK, type CsvValue, csvLine } from '../../../domain/csv.ts';
import { notice } from '../../../domain/disclosure.ts';
import { isoIn } from '../../../domain/time.ts';
import type { ListedReferral } from '../../../store/referralLists.ts';

/** A referral that leaves, with the basis of its disclosure and the time zone of its location. */
export interface ExportedReferral extends DisclosedReferral {
  zone: string;
}

const columns: readonly [title: string, of: (referral: ListedReferral, exported: ExportedReferral) => CsvValue][] = [
  ['KIPU connection', ({ instance }) => instance],
  ['Record', ({ _id }) => _id],
  ['Casefile', ({ casefileId }) => casefileId],
  ['Status', ({ status }) => status],
  [
    'Older than the chart since',
    ({ stale, status }, { zone }) => (stale && status !== 'void' ? isoIn(stale.since, zone) : null),
  ],
  ['Last change', ({ change }) => change],
  ['Revision', ({ revision }) => revision],
  ['Destination', ({ destination }) => destination],
  ['Location', ({ facility }) => facility.name],
  ['Level of care', ({ levelOfCare }) => shownLevelOfCare(levelOfCare)],
  ['Next level of care', ({ nextLevelOfCare }) => shownLevelOfCare(nextLevelOfCare)],
  ['Next level of care on', ({ nextLevelOfCareDate }) => nextLevelOfCareDate],
  ['Admission', ({ admissionDate }) => admissionDate],
  ['Discharge', ({ dischargeDate }) => dischargeDate],
  ['Discharge type', ({ dischargeType }) => dischargeType],
  ['Last name', ({ patient }) => patient.lastName],
  ['First name', ({ patient }) => patient.firstName],
  ['Middle name', ({ patient }) => patient.middleName],
  ['Date of birth', ({ patient }) => patient.dob?.slice(0, 10) ?? null],
  ['MR number', ({ patient }) => patient.mrNumber],
  ['Created', ({ createdAt }, { zone }) => isoIn(createdAt, zone)],
  ['Last changed', ({ updatedAt }, { zone }) => isoIn(updatedAt, zone)],
  ['Basis of disclosure', (_, { basis }) => basis],
  ['Notice', () => notice.text],
];

/** Yields the referrals as CSV (RFC 4180), one line at a time. */
export async function* csvOf(exported: AsyncIterable<ExportedReferral>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(columns.map(([title]) => title));
  for await (const one of exported) yield csvLine(columns.map(([, of]) => of(one.referral, one)));
}
