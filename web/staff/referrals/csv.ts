import { shownLevelOfCare } from '../../../domain/chart.ts';
import type { ListedReferral } from '../../../store/referralLists.ts';

/** Marks the text as UTF-8 for spreadsheet programs. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Spreadsheet programs run a field with one of these first characters as a formula, also after blanks or in full width.
 * Where they separate fields by semicolons or tabs, whatever follows one in our field begins a field of its own.
 */
const FORMULA = /(^|(?:[;\t\n]|\r\n?)"*)([\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20|%])/gu;

type Value = string | number | Date | null;

const columns: readonly [title: string, of: (referral: ListedReferral) => Value][] = [
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
];

/** Returns a quoted field that no spreadsheet program runs as a formula. */
export function csvField(value: Value): string {
  if (value === null) return '';
  const text = value instanceof Date ? value.toISOString() : String(value);
  const safe = typeof value === 'string' ? text.replace(FORMULA, "$1'$2") : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Yields the referrals as CSV (RFC 4180), one line at a time. */
export async function* csvOf(referrals: AsyncIterable<ListedReferral>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + lineOf(columns.map(([title]) => title));
  for await (const referral of referrals) yield lineOf(columns.map(([, of]) => of(referral)));
}

function lineOf(values: readonly Value[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
