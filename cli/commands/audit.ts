import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { osUser } from '../../client/audit.ts';
import { checkAudit } from '../../client/auditCheck.ts';
import { anchorsInLog } from '../../domain/audit.ts';
import { DAY_MS } from '../../domain/time.ts';
import { personText } from '../../domain/unlock.ts';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import type { AuditReport } from '../../store/auditEvents.ts';
import type { DisclosureReport } from '../../store/disclosures.ts';
import { withStore } from '../backing/open.ts';
import { days, jsonOption, recordId, wholeNumber } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { shortTime } from '../terminal/dates.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { counted, helpText, wrapped } from '../terminal/text.ts';
import { listCommand } from './list.ts';

/** An audit event in a list. `seq` is its place in the chain; null for one that has none. */
interface AuditView {
  seq: number | null;
  at: Date;
  who: string;
  /** The displayed name, or on behalf of whom; not verified. Null where it is not known. */
  name: string | null;
  what: AuditDocument['what'];
  instance: string | null;
  record: string | null;
  why: string | null;
  outcome: string;
  /** Where the person was, and in which session; null where it is not known. */
  from: string | null;
  session: string | null;
  /** The records that were shown, and on what kind of page. */
  kind: AuditDocument['kind'] | null;
  records: string[] | null;
  instances: string[] | null;
}

function auditView({ at, who, what, instance, record, why, outcome, ...event }: AuditDocument): AuditView {
  // Events from before the chain have no place, although the type says so.
  const { seq = null }: { seq?: number | null } = event;
  const { name = null, from = null, session = null, kind = null, records = null, instances = null } = event;
  return { seq, at, who, name, what, instance, record, why, outcome, from, session, kind, records, instances };
}

export function auditCommand(): Command {
  const command = listCommand<AuditView>({
    name: 'audit',
    summary: 'list who did what, the newest first, or verify that the audit was not changed',
    help: [
      'Who saw a record, or did something to it: kipu-referrals audit --record r-bcdf2345ghjk6789',
      'What a person saw and did:                kipu-referrals audit --person dana --since 30d',
      'Whether the audit was changed:            kipu-referrals audit verify',
    ].join('\n'),
    options: [
      new Option('--record <record>', 'only this record, also where it is one of several that were shown').argParser(
        recordId,
      ),
      new Option('--person <name>', 'only this account, or user of the command line'),
      new Option('--since <days>', 'only the last days or years: 30d, 3y').argParser(days),
    ],
    find: async (store, { instance, record, person, since }, limit, now) => {
      const filter = {
        ...(instance === undefined ? {} : { instance }),
        ...(record === undefined ? {} : { record }),
        ...(person === undefined ? {} : { who: person }),
        ...(since === undefined ? {} : { since: new Date(now.getTime() - since * DAY_MS) }),
      };
      return (await store.auditEvents.list(filter, limit)).map(auditView);
    },
    columns: (now, zoneOf) => [
      { title: 'entry', of: (row) => row.seq, number: true, leaveOut: 2 },
      { title: 'at', of: (row) => shortTime(row.at, zoneOf(row.instance ?? row.instances?.[0] ?? null), now) },
      { title: 'who', of: (row) => (row.name === null ? row.who : personText(row)), cut: 12 },
      { title: 'from', of: (row) => row.from, leaveOut: 1 },
      { title: 'what', of: (row) => row.kind ?? row.what },
      { title: 'instance', of: (row) => row.instance ?? row.instances?.join(', ') ?? null, leaveOut: 3 },
      { title: 'record', of: (row) => row.record ?? (row.records?.length === 1 ? (row.records[0] ?? null) : null) },
      { title: 'outcome', of: (row) => row.outcome, cut: 10 },
      { title: 'why', of: (row) => row.why, leaveOut: 4 },
    ],
    // Records have opaque ids here.
    shown: () => null,
    ifEmpty: 'no events',
  });
  command
    .command('verify')
    .description('check the whole audit and the disclosures for entries that were changed, removed, inserted or moved')
    .addOption(new Option('--head <head>', 'a head that an earlier verify printed').argParser(headOf))
    .addOption(new Option('--anchors <log>', 'a log of the worker, whose runs state the last entry of their time'))
    .addOption(
      new Option('--authenticated-from <entry>', 'the first entry that was written with the key')
        .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .default(1),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(`It exits with 1 where the audit is broken. ${LIMITS}`, 'Example: kipu-referrals audit verify --json'),
    )
    .action((_: object, verify: Command) => verifyAudit(verify.optsWithGlobals()));
  return command;
}

const LIMITS =
  'A person who may write to the whole database and has the key could replace the audit and its head: keep the log of ' +
  'the worker or the head that verify prints in another place, and pass it with --anchors or --head.';
const NOT_AUTHENTICATED =
  'Not authenticated: this process has no key (AUDIT_KEY), so a person who may write to the database could have ' +
  'rewritten the audit.';

interface VerifyOptions {
  head?: { seq: number; hash: string };
  anchors?: string;
  authenticatedFrom: number;
  json?: boolean;
}

async function verifyAudit(options: VerifyOptions): Promise<void> {
  const { head, anchors, authenticatedFrom, json = false } = options;
  const logged = anchors === undefined ? null : anchorsInLog(readLog(anchors));
  const known = [...(head === undefined ? [] : [{ ...head, from: 'the given head' }]), ...(logged ?? [])];
  const { report, disclosures } = await withStore(({ store }) =>
    checkAudit(store, { who: osUser(), at: new Date() }, { anchors: known, authenticatedFrom }),
  );
  if (json) printJson({ ...verifyJson(report, disclosures), anchors: logged?.length ?? null });
  else print(verifyText(report, disclosures));
  if (logged !== null) say(`${entriesText(logged.length)} known from the log.`);
  if (!isIntact(report, disclosures)) process.exitCode = 1;
}

function isIntact(report: AuditReport, { changed }: DisclosureReport): boolean {
  return report.broken === 0 && changed.length === 0;
}

function verifyJson(report: AuditReport, disclosures: DisclosureReport) {
  const { entries, last, head, breaks, broken } = report;
  return {
    ok: isIntact(report, disclosures),
    authenticated: report.authenticated,
    entries,
    head: last && headText(last),
    newerThanHead: newer({ last, head }),
    broken,
    breaks,
    disclosures,
    limits: LIMITS,
  };
}

/** Formats the report of verify for people. */
export function verifyText(report: AuditReport, disclosures: DisclosureReport): string {
  const { entries, last, breaks, broken } = report;
  const intact = last === null ? 'The audit is intact: it is empty.' : `The audit is intact: ${entriesText(entries)}.`;
  const result = broken === 0 ? intact : `The audit is BROKEN: ${counted(broken, 'fault')} in ${entriesText(entries)}.`;
  const notListed = broken - breaks.length;
  return [
    result,
    ...breaks.map(({ kind, seq, text }) => `  ${seq === null ? 'no place' : `entry ${seq}`}: ${kind}: ${text}`),
    ...(notListed > 0 ? [`  and ${notListed} more`] : []),
    ...disclosureLines(disclosures),
    ...(newer(report) > 0 ? wrapped('', newerText(newer(report)), '') : []),
    ...(report.authenticated ? [] : wrapped('', NOT_AUTHENTICATED, '')),
    ...(last === null ? [] : [`Head: ${headText(last)}`]),
    ...wrapped('', LIMITS, ''),
  ].join('\n');
}

function disclosureLines({ entries, changed, withoutEvent }: DisclosureReport): string[] {
  const result = changed.length === 0 ? 'match the audit' : 'DO NOT match the audit';
  return [
    ...(entries === 0 && changed.length === 0 ? [] : [`Disclosures: ${entriesText(entries)}, which ${result}.`]),
    ...changed.map((event) => `  ${event}: its disclosures were changed, removed or added to`),
    ...(withoutEvent > 0
      ? wrapped('', `${entriesText(withoutEvent)} of the disclosures not in the audit: ${KILLED}`, '')
      : []),
  ];
}

const KILLED =
  'written by a process that was killed before anything left, or inserted by something other than this service.';

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

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CommandError(`${file} can't be read.`, 2);
  }
}
