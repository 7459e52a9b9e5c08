import { auditShown, commandViewer } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import { holdView } from '../../client/recordViews.ts';
import {
  type BulkUnlockSummary,
  forEachConcurrently,
  requestUnlock,
  summarizeUnlocks,
  type UnlockPerson,
  waitForUnlocks,
} from '../../client/unlock.ts';
import { namesAnyPatient } from '../../domain/reason.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { RecordDocument } from '../../store/documents.ts';
import type { HoldFilter } from '../../store/recordHolds.ts';
import { type Opened, type OpenedWithTemporal, withStore, withTemporal } from '../backing/open.ts';
import { chosenInstances } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { liveLine } from '../terminal/progress.ts';
import { printTable } from '../terminal/table.ts';
import { counted } from '../terminal/text.ts';
import { holdColumns } from './holds.ts';

const NAMES_PATIENT =
  "The reason has a patient's name, MR number or date of birth. Leave it out: the audit keeps the reason for years.";
/** More than were ever held at once; running the command again unlocks the rest. */
const MAX_RECORDS = 100_000;
const AT_ONCE = 20;
/** The command stops waiting when no status changed for this long. */
const STALL_MS = MINUTE_MS;
const MAX_FAILURES_SHOWN = 20;

/** Shows what `unlock --all` would unlock, and unlocks nothing. */
export async function dryRun(filter: HoldFilter, json: boolean): Promise<void> {
  const now = new Date();
  const held = await withStore(async (opened) => {
    const records = await heldNow(opened, filter);
    await auditShown(opened.store, commandViewer(), { kind: 'holds-listed', records }, { at: now, per: 'request' });
    return records;
  });
  const views = held.map((record) => holdView(record, now)).filter((view) => view !== null);
  if (json) return printJson(views);
  printTable(views, holdColumns(now), 'no holds');
  say(`${counted(views.length, 'record')} would be unlocked. This was a dry run: nothing changed.`);
}

/** Unlocks all held records of the filter, each by its own workflow, waits for the results, and prints a summary. */
export async function unlockAll(
  filter: HoldFilter,
  person: UnlockPerson,
  { wait, json }: { wait: boolean; json: boolean },
): Promise<void> {
  await withTemporal({ worker: wait }, async (opened) => {
    const held = await heldNow(opened, filter);
    refuseNames(person, held);
    say(held.length === 0 ? 'No record is held.' : `Unlocking ${counted(held.length, 'held record')} …`);
    const sent = await sendAll(opened, held, person);
    const notSent = held.length - sent.length;
    if (notSent > 0) {
      say(`${counted(notSent, 'unlock')} could not be sent, because Temporal does not answer. Run the command again.`);
      process.exitCode = 1;
    }
    if (!wait) {
      if (json) printJson({ sent: sent.length, notSent });
      else print(`${counted(sent.length, 'unlock')} sent; the commands holds and audit show the results.`);
      return;
    }
    const summary = await waitForAll(opened, held, sent);
    if (json) printJson(summary);
    else print(summaryText(summary));
    if (!summary.ok) process.exitCode = 1;
  });
}

/** Refuses a reason that names the patient of one of these records, before anything is stored or sent. It says not of which. */
export function refuseNames(
  { why }: Pick<UnlockPerson, 'why'>,
  records: readonly Pick<RecordDocument, 'chart'>[],
): void {
  const charts = records.map(({ chart }) => chart);
  if (why !== null && namesAnyPatient(why, charts)) throw new CommandError(`Nothing was sent. ${NAMES_PATIENT}`, 2);
}

async function heldNow(opened: Opened, filter: HoldFilter) {
  chosenInstances(await knownInstances(opened), filter.instance);
  return opened.store.records.held(filter, MAX_RECORDS);
}

/** Requests all unlocks, and returns the ids of the records whose request was sent. */
async function sendAll(
  { store, client, settings: { taskQueue } }: OpenedWithTemporal,
  held: readonly { _id: string; instance: string }[],
  person: UnlockPerson,
): Promise<string[]> {
  const sent: string[] = [];
  await forEachConcurrently(held, AT_ONCE, async (record) => {
    if ((await requestUnlock({ store, client, taskQueue }, record, person)).sent) sent.push(record._id);
  });
  return sent;
}

async function waitForAll(
  { store, signal }: OpenedWithTemporal,
  held: readonly { _id: string; instance: string }[],
  sent: readonly string[],
): Promise<BulkUnlockSummary> {
  const line = liveLine(process.stderr);
  const show = (done: number) => line.show(`${done} of ${sent.length} unlocked and read`);
  const states = await waitForUnlocks(store, sent, show, { stallMs: STALL_MS, signal }).finally(line.end);
  return summarizeUnlocks(held, states, await store.referrals.latestOf(sent));
}

/** Formats the summary of a bulk unlock for people. */
export function summaryText(summary: BulkUnlockSummary): string {
  const { asked, referral, noDestination, notReady, ignored, failed, waiting, records } = summary;
  const results: [number, string][] = [
    [referral, 'with a referral'],
    [noDestination, 'without a destination'],
    [notReady, 'not ready: the chart is incomplete'],
    [ignored, 'ignored: a placeholder chart'],
    [summary.void, 'void: the chart was deleted in KIPU'],
    [failed, 'failed'],
    [waiting, 'not read yet: is a worker running? Check again soon'],
  ];
  const failures = records.filter(({ failure }) => failure !== null);
  return [
    `${counted(asked, 'record')} unlocked${asked === 0 ? '.' : ':'}`,
    ...results.filter(([n]) => n > 0).map(([n, words]) => `  ${n} ${words}`),
    ...failures.slice(0, MAX_FAILURES_SHOWN).map(({ record, failure }) => `  ${record}: ${failure}`),
    ...(failures.length > MAX_FAILURES_SHOWN ? ['  The command records --status failed shows all of them.'] : []),
  ].join('\n');
}
