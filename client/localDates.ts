import { DEFAULT_ZONE, localDate } from '../domain/timeZone.ts';
import type { RecordDocument } from '../store/documents.ts';

/** The dates of a record's stay as the clocks of its location show them: the same in every list, page and export. */
export function localDates({ chart, timeZone = DEFAULT_ZONE }: Pick<RecordDocument, 'chart' | 'timeZone'>) {
  return {
    admission: localDate(chart?.admissionDate ?? null, timeZone),
    discharge: localDate(chart?.dischargeDate ?? null, timeZone),
  };
}
