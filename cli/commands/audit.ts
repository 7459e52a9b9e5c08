import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import type { AuditReport } from '../../store/auditEvents.ts';
import { withStore } from '../backing/open.ts';
import { jsonOption, recordId } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { counted, helpText, minute, wrapped } from '../terminal/text.ts';
import { listCommand } from './list.ts';

/** An audit event in a list. `seq` is its place in the chain; null for one that has none. */
interface AuditView {
  seq: number | null;
  at: Date;
  who: string;
  what: AuditDocument['what'];
  instance: string | null;
  record: string | null;
  why: string | null;
  outcome: string;
}

function auditView({ at, who, what, instance, record, why, outcome, ...event }: AuditDocument): AuditView {
  // Events from before the chain have no place, although the type says so.
  const { seq = null }: { seq?: number | null } = event;
  return { seq, at, who, what, instance, record, why, outcome };
}

export function auditCommand(): Command {
  const command = listCommand<AuditView>({
    name: 'audit',
    summary: 'list who did what, the newest first, or verify that the audit was not changed',
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
    ifEmpty: 'no events',
  });
  command
    .command('verify')
    .description('check the whole audit for entries that were changed, removed, inserted or moved')
    .addOption(new Option('--head <head>', 'a head that an earlier verify printed').argParser(headOf))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(`It exits with 1 where the audit is broken. ${LIMITS}`, 'Example: kipu-referrals audit verify --json'),
    )
    .action((_: object, verify: Command) => verifyAudit(verify.optsWithGlobals()));
  return command;
}

const LIMITS =
  'A person who may write to the whole database could replace the audit and its head: store the head that verify ' +
  'prints in another place, and pass it with --head.';

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
    limits: LIMITS,
  };
}

/** Formats the report of verify for people. */
export function verifyText(report: AuditReport): string {
  const { entries, last, breaks, broken } = report;
  const intact = last === null ? 'The audit is intact: it is empty.' : `The audit is intact: ${entriesText(entries)}.`;
  const result = broken === 0 ? intact : `The audit is BROKEN: ${counted(broken, 'fault')} in ${entriesText(entries)}.`;
  const notListed = broken - breaks.length;
  return [
    result,
    ...breaks.map(({ kind, seq, text }) => `  ${seq === null ? 'no place' : `entry ${seq}`}: ${kind}: ${text}`),
    ...(notListed > 0 ? [`  and ${notListed} more`] : []),
    ...(newer(report) > 0 ? wrapped('', newerText(newer(report)), '') : []),
    ...(last === null ? [] : [`Head: ${headText(last)}`]),
    ...wrapped('', LIMITS, ''),
  ].join('\n');
}

function newerText(n: number): string {
  return (
    `${entriesText(n)} newer than the head in the database: written just now, or by a process that was killed before ` +
    'it moved the head, or inserted by something other than this service.'
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
