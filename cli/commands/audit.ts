import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditView, auditView } from '../../client/auditView.ts';
import type { AuditReport } from '../../store/auditEvents.ts';
import { withStore } from '../backing/open.ts';
import { jsonOption, recordId } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { counted, minute } from '../terminal/text.ts';
import { listCommand } from './list.ts';

export function auditCommand(): Command {
  const command = listCommand<AuditView>({
    name: 'audit',
    summary: 'list who did what, the newest first; or verify that nobody changed it',
    help: 'Example: kipu-referrals audit --record r-bcdf2345ghjk6789\nThen:    kipu-referrals audit verify',
    options: [new Option('--record <record>', 'only this record').argParser(recordId)],
    find: async (store, { instance, record }, limit) => {
      const filter = { ...(instance === undefined ? {} : { instance }), ...(record === undefined ? {} : { record }) };
      return (await store.auditEvents.list(filter, limit)).map(auditView);
    },
    columns: () => [
      { title: 'entry', of: (row) => row.seq, number: true },
      { title: 'at', of: (row) => minute(row.at) },
      { title: 'who', of: (row) => row.who },
      { title: 'what', of: (row) => row.what },
      { title: 'instance', of: (row) => row.instance },
      { title: 'record', of: (row) => row.record },
      { title: 'outcome', of: (row) => row.outcome },
      { title: 'why', of: (row) => row.why },
    ],
    nothing: 'no events',
  });
  command
    .command('verify')
    .description('walk the whole audit, and tell whether an entry was changed, removed, inserted or moved')
    .addOption(new Option('--head <head>', 'a head that an earlier verify printed, kept elsewhere').argParser(headOf))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `\nIt ends with 1 where the audit is broken. ${LIMITS}\nExample: kipu-referrals audit verify --json`,
    )
    .action((_: object, verify: Command) => verifyAudit(verify.optsWithGlobals()));
  return command;
}

const LIMITS =
  'Whoever may write the whole database could write all of it anew, its head too: keep\n' +
  'the head that it prints elsewhere, and give it back with --head.';

interface VerifyOptions {
  head?: { seq: number; hash: string };
  json?: boolean;
}

async function verifyAudit({ head, json = false }: VerifyOptions): Promise<void> {
  const report = await withStore(({ store }) => store.auditEvents.verify(head ?? null));
  if (json) printJson(verifyJson(report));
  else print(verifyText(report));
  if (report.broken > 0) process.exitCode = 1;
}

function verifyJson({ entries, last, head, breaks, broken }: AuditReport) {
  return {
    ok: broken === 0,
    entries,
    head: last && headText(last),
    newerThanHead: newer({ last, head }),
    broken,
    breaks,
    limits: LIMITS.replace('\n', ' '),
  };
}

/** What a walk over the audit found, for people. */
export function verifyText(report: AuditReport): string {
  const { entries, last, breaks, broken } = report;
  const sound = last === null ? 'The audit is sound: it is empty.' : `The audit is sound: ${entriesText(entries)}.`;
  const verdict = broken === 0 ? sound : `The audit is BROKEN: ${counted(broken, 'fault')} in ${entriesText(entries)}.`;
  const untold = broken - breaks.length;
  return [
    verdict,
    ...breaks.map(({ kind, seq, text }) => `  ${seq === null ? 'nowhere' : `entry ${seq}`}: ${kind}: ${text}`),
    ...(untold > 0 ? [`  and ${untold} more`] : []),
    ...(newer(report) > 0 ? [newerText(newer(report))] : []),
    ...(last === null ? [] : [`Head: ${headText(last)}`]),
    LIMITS,
  ].join('\n');
}

function newerText(n: number): string {
  return (
    `${entriesText(n)} newer than the head that the database keeps: written this moment, or by a process that was\n` +
    'killed just then, or put there by somebody else.'
  );
}

function newer({ last, head }: Pick<AuditReport, 'last' | 'head'>): number {
  return last === null ? 0 : Math.max(0, last.seq - (head?.seq ?? 0));
}

function entriesText(n: number): string {
  return n === 1 ? '1 entry' : `${n} entries`;
}

function headText({ seq, hash }: { seq: number; hash: string }): string {
  return `${seq}:${hash}`;
}

function headOf(text: string): { seq: number; hash: string } {
  const [, seq = '', hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '' || Number(seq) < 1)
    throw new InvalidArgumentError('A head looks like 41:9f86d081… as verify prints it.');
  return { seq: Number(seq), hash };
}
