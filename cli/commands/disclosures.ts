import { Command, Option } from 'commander';
import { auditShown, commandViewer } from '../../client/audit.ts';
import { type CsvValue, csvLine } from '../../domain/csv.ts';
import { bases, basisText, purposeWords } from '../../domain/disclosure.ts';
import { DAY_MS } from '../../domain/time.ts';
import type { DisclosureDocument } from '../../store/disclosureDocuments.ts';
import { withStore } from '../backing/open.ts';
import { days, jsonOption, recordId } from '../terminal/arguments.ts';
import { printJson } from '../terminal/output.ts';
import { printTable } from '../terminal/table.ts';
import { helpText, minute } from '../terminal/text.ts';

interface DisclosuresOptions {
  record: string;
  since: number;
  csv?: boolean;
  json?: boolean;
}

export function disclosuresCommand(): Command {
  return new Command('disclosures')
    .description('list what was disclosed of a record, to whom, and by what: the accounting')
    .addOption(new Option('--record <record>', 'the record').argParser(recordId).makeOptionMandatory())
    .addOption(
      new Option('--since <days>', 'only the last days or years: 30d, 3y').argParser(days).default(1_096, '3y'),
    )
    .addOption(new Option('--csv', 'print CSV with all fields').conflicts('json'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'It also lists the disclosures of a record that was purged. The list names no patient, and is itself in the audit.',
        'Example: kipu-referrals disclosures --record r-bcdf2345ghjk6789 --since 3y --csv',
      ),
    )
    .action(disclosures);
}

async function disclosures({ record, since, csv = false, json = false }: DisclosuresOptions): Promise<void> {
  const now = new Date();
  const found = await withStore(async ({ store }) => {
    const made = await store.disclosures.ofRecord(record, new Date(now.getTime() - since * DAY_MS));
    const known = await store.records.get(record);
    const instance = known?.instance ?? made[0]?.instance;
    const records = instance === undefined ? [] : [{ _id: record, instance }];
    await auditShown(store, commandViewer(), { kind: 'disclosures-listed', records }, { at: now, per: 'request' });
    return made;
  });
  if (json) return printJson(found.map(disclosureView));
  if (csv) return void process.stdout.write(disclosuresCsv(found));
  const columns = [
    { title: 'at', of: (one: DisclosureDocument) => minute(one.at) },
    { title: 'recipient', of: (one: DisclosureDocument) => one.recipient, cut: 14 },
    { title: 'purpose', of: (one: DisclosureDocument) => purposeWords[one.purpose] },
    {
      title: 'basis',
      of: (one: DisclosureDocument) => `${bases[one.basis].words} (${bases[one.basis].rule})`,
      cut: 14,
    },
    { title: 'revision', of: (one: DisclosureDocument) => one.revision, number: true },
    { title: 'by', of: (one: DisclosureDocument) => one.by },
  ];
  printTable(found, columns, 'no disclosures');
}

function disclosureView({ event, _id, schemaVersion: _, ...disclosure }: DisclosureDocument) {
  return { id: _id, auditEvent: event, ...disclosure };
}

const csvColumns: readonly [title: string, of: (one: DisclosureDocument) => CsvValue][] = [
  ['At (UTC)', ({ at }) => at],
  ['Recipient', ({ recipient }) => recipient],
  ['Class of recipients', ({ recipientClass }) => recipientClass],
  ['Purpose', ({ purpose }) => purposeWords[purpose]],
  ['What', ({ fields }) => fields.join(', ')],
  ['Basis', ({ basis, consent }) => basisText(basis, consent)],
  ['Reason', ({ why }) => why],
  ['Statement', ({ statement }) => `${statement.id}, ${statement.version}`],
  ['Way', ({ way }) => way],
  ['Record', ({ record }) => record],
  ['Revision', ({ revision }) => revision],
  ['By', ({ by }) => by],
];

/** Returns the accounting as CSV (RFC 4180). */
export function disclosuresCsv(found: readonly DisclosureDocument[]): string {
  const lines = found.map((one) => csvLine(csvColumns.map(([, of]) => of(one))));
  return [csvLine(csvColumns.map(([title]) => title)), ...lines].join('');
}
