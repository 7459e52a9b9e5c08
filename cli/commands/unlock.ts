import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, Option } from 'commander';
import { audit, auditShown, commandViewer } from '../../client/audit.ts';
import type { ReferralOfRecord } from '../../client/recordViews.ts';
import { requestUnlock, type UnlockPerson } from '../../client/unlock.ts';
import { readSettings } from '../../config/settings.ts';
import type { HoldReason } from '../../domain/lock.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { requestFault } from '../../domain/unlock.ts';
import type { Store } from '../../store/connect.ts';
import type { RecordDocument, ReferralDocument } from '../../store/documents.ts';
import { withTemporal } from '../backing/open.ts';
import {
  filled,
  instanceOption,
  jsonOption,
  reasonOf,
  reasonOption,
  recordId,
  whyOption,
} from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';
import { dryRun, refuseNames, unlockAll } from './unlockAll.ts';

interface UnlockOptions {
  all?: boolean;
  instance?: string;
  reason?: HoldReason;
  dryRun?: boolean;
  by?: string;
  why?: string;
  wait: boolean;
  json?: boolean;
}

export function unlockCommand(): Command {
  return new Command('unlock')
    .description('unlock a held record, or all of them; their charts are read at once')
    .addArgument(new Argument('[record]', 'the id that the command holds shows').argParser(recordId))
    .option('--all', 'unlock every held record, or those of --instance and --reason')
    .addOption(instanceOption())
    .addOption(reasonOption())
    .option('--dry-run', 'with --all: show what would be unlocked')
    .addOption(
      new Option(
        '--by <name>',
        'on behalf of whom; stored beside the user of this machine, and not verified',
      ).argParser(filled),
    )
    .addOption(whyOption())
    .option('--no-wait', 'do not wait for the result')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'The audit names the user of this machine who runs the command. With --all, --why is required. The ' +
          'command waits up to a minute (with --all: until nothing changes for a minute), and exits with 1 ' +
          'where a record was never held or its chart could not be read. A record that is unlocked already ' +
          'is a success. With --why - other users see the reason in no process list.',
        'Example: kipu-referrals unlock r-bcdf2345ghjk6789 --why "confirmed by phone"',
        'Example: kipu-referrals unlock --all --instance north --reason webhook-missing \\',
        '           --why "list checked" --by "R. Lee"',
      ),
    )
    .action(unlock);
}

async function unlock(id: string | undefined, options: UnlockOptions, command: Command): Promise<void> {
  const { all = false, instance, reason: holdReason, by, why, wait, json = false } = options;
  const refuse = (text: string): never => command.error(`error: ${text}`, { exitCode: 2 });
  const fault = requestFault({ name: by, why });
  if (fault !== null) return refuse(`the unlock is refused: ${fault}`);
  const person = async (): Promise<UnlockPerson> => ({
    viewer: commandViewer(),
    name: by ?? null,
    why: await reasonOf(why),
  });
  if (!all) {
    if (id === undefined) return refuse("missing required argument 'record', or --all");
    if (instance !== undefined || holdReason !== undefined || options.dryRun) {
      return refuse('--instance, --reason and --dry-run need --all');
    }
    return unlockOne(id, await person(), { wait, json });
  }
  if (id !== undefined) return refuse('give either a record or --all, not both');
  const filter = {
    ...(instance === undefined ? {} : { instance }),
    ...(holdReason === undefined ? {} : { reason: holdReason }),
  };
  if (options.dryRun) return dryRun(filter, json);
  if (why === undefined) return refuse("option '--why <text>' is required with --all");
  return unlockAll(filter, await person(), { wait, json });
}

async function unlockOne(
  id: string,
  person: UnlockPerson,
  { wait, json }: { wait: boolean; json: boolean },
): Promise<void> {
  const settings = readSettings();
  await withTemporal({ settings, worker: wait }, async ({ store, client, signal }) => {
    const record = await store.records.get(id);
    if (record !== null) refuseNames(person, [record]);
    const refusal = whyNotHeld(record);
    const isUnlocked = record !== null && record.hold === null && record.unlocked !== null;
    if (record === null || refusal !== null) {
      const instance = record?.instance ?? null;
      const outcome = `refused: ${record === null ? 'unknown record' : isUnlocked ? 'already unlocked' : 'not held'}`;
      const { viewer, name, why } = person;
      const named = name === null ? {} : { name };
      await audit(store, { ...viewer, ...named, what: 'unlock', instance, record: id, why, outcome });
      // What was wanted is so already.
      if (isUnlocked) return printUnlocked(store, record, json, `${id}: ${refusal}.`);
      throw new CommandError(`${id}: ${refusal}.`);
    }
    const parts = { store, client, taskQueue: settings.taskQueue };
    const { ticket, sent } = await requestUnlock(parts, record, person);
    if (!sent) {
      throw new CommandError(`${id}: the unlock was not sent, because Temporal does not answer. Try again.`);
    }
    if (!wait) {
      if (json) printJson({ record: id, instance: record.instance, sent: true });
      else print(`The unlock of ${id} was sent.`);
      return;
    }
    const after = await waitForUnlock(store, id, { withinMs: MINUTE_MS, signal });
    const { unlocked } = after.record ?? record;
    await auditResult(store, record);
    const { ok, text } = unlockResultText(after.record ?? record, after.referral);
    if (json) printJson(unlockJson(after.record ?? record, after.referral));
    else {
      if (unlocked !== null && unlocked.key !== ticket) print(`${unlocked.by} unlocked it first.`);
      print(text);
    }
    if (!ok) process.exitCode = 1;
  });
}

async function printUnlocked(store: Store, record: RecordDocument, json: boolean, text: string): Promise<void> {
  if (!json) return print(text);
  await auditResult(store, record);
  printJson(unlockJson(record, await store.referrals.get(record._id)));
}

function auditResult(store: Store, record: RecordDocument): Promise<void> {
  const shown = { kind: 'unlock-results', records: [record] } as const;
  return auditShown(store, commandViewer(), shown, { at: new Date(), per: 'request' });
}

function unlockJson(record: RecordDocument, referral: ReferralOfRecord | null) {
  const { _id, instance, casefileId, status } = record;
  const { destination = null, revision = null } = referral ?? {};
  return { record: _id, instance, casefileId, status, destination, revision };
}

/** Returns why a record can't be unlocked now, in words; null when it is held. */
export function whyNotHeld(record: RecordDocument | null): string | null {
  if (record === null) return 'there is no such record';
  if (record.hold !== null) return null;
  const { unlocked } = record;
  if (unlocked === null) return `it is not held: its status is ${record.status}`;
  return `it was already unlocked by ${unlocked.by} on ${unlocked.at.toISOString().slice(0, 10)}`;
}

/** Returns the result of an unlock in words; `ok` is false where a person still has to act. */
export function unlockResultText(
  record: RecordDocument,
  referral: ReferralOfRecord | null,
): { ok: boolean; text: string } {
  switch (record.status) {
    case 'held':
      return { ok: false, text: 'The unlock was sent, but no worker has applied it yet. Is a worker running?' };
    case 'unlocked':
      return {
        ok: false,
        text: 'It is unlocked, but its chart is not read yet. Check again soon with records or runs.',
      };
    case 'failed':
      return { ok: false, text: `It is unlocked, but reading its chart failed: ${record.failure?.text ?? 'unknown'}` };
    case 'notReady':
      return { ok: true, text: `It is unlocked. The chart has no ${record.missing.join(', ')}: no referral yet.` };
    case 'ignored':
      return { ok: true, text: 'It is unlocked. The chart is a placeholder and is ignored.' };
    case 'void':
      return { ok: true, text: 'Its chart was deleted in KIPU: there is nothing to refer.' };
    default:
      return { ok: true, text: `It is unlocked. ${referralText(referral)}` };
  }
}

function referralText(referral: ReferralOfRecord | null): string {
  if (referral === null) return 'The chart names no destination: no referral.';
  if (referral.status !== 'open') return `Its referral is ${referral.status}.`;
  return `Referral to ${referral.destination} (revision ${referral.revision}).`;
}

/** The part of the store that is used. */
export interface RecordReader {
  records: { get(recordId: string): Promise<RecordDocument | null> };
  referrals: { get(recordId: string): Promise<ReferralDocument | null> };
}

/** Polls the record until its chart was read after the unlock, or the time is up; returns it and its referral. */
export async function waitForUnlock(
  store: RecordReader,
  recordId: string,
  { withinMs, pollMs = 200, signal }: { withinMs: number; pollMs?: number; signal?: AbortSignal },
): Promise<{ record: RecordDocument | null; referral: ReferralDocument | null }> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const record = await store.records.get(recordId);
    const waits = record !== null && (record.status === 'held' || record.status === 'unlocked');
    if (!waits || Date.now() >= deadline) return { record, referral: await store.referrals.get(recordId) };
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}
