import { BYTE_ORDER_MARK, type CsvValue, csvLine } from '../../../domain/csv.ts';
import type { SignedInUser } from '../../../domain/role.ts';
import type { AuditDocument } from '../../../store/accessDocuments.ts';
import { recordsOf } from './page.tsx';

const columns: readonly [title: string, of: (event: AuditDocument, who: SignedInUser) => CsvValue][] = [
  ['Entry', ({ seq }) => seq ?? null],
  ['When (UTC)', ({ at }) => at],
  ['Who', ({ who }) => who],
  ['Name', ({ name = null }) => name],
  ['From', ({ from = null }) => from],
  ['Session', ({ session = null }) => session],
  ['Action', ({ what }) => what],
  ['Page', ({ kind = null }) => kind],
  ['KIPU connection', ({ instance, instances = [] }) => instance ?? instances.join(' ')],
  ['Records', (event, who) => recordsOf(event, who).join(' ')],
  ['Result', ({ outcome }) => outcome],
  ['Reason', ({ why }) => why],
];

/** Yields entries of the audit as CSV (RFC 4180), one line at a time. */
export async function* auditCsv(events: AsyncIterable<AuditDocument>, who: SignedInUser): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(columns.map(([title]) => title));
  for await (const event of events) yield csvLine(columns.map(([, of]) => of(event, who)));
}
