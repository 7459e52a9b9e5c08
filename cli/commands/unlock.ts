import { Argument, Command, Option } from 'commander';
import { audit } from '../../client/audit.ts';
import { requestUnlock } from '../../client/requestUnlock.ts';
import { unlockResultText, waitForUnlock, whyNotHeld } from '../../client/unlockResult.ts';
import { readSettings } from '../../config/settings.ts';
import type { HoldReason } from '../../domain/lock.ts';
import { withTemporal } from '../backing/open.ts';
import { filled, instanceOption, jsonOption, reasonOption, recordId } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/errors.ts';
import { print, printJson } from '../terminal/output.ts';
import { dryRunText, unlockAll } from './unlockAll.ts';

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

const WITHIN_MS = 60_000;

export function unlockCommand(): Command {
  return new Command('unlock')
    .description('unlock a held record, or all of them; their charts are read at once')
    .addArgument(new Argument('[record]', 'the id that the command holds shows').argParser(recordId))
    .option('--all', 'unlock every held record, of all instances and for any reason unless told otherwise')
    .addOption(instanceOption())
    .addOption(reasonOption())
    .option('--dry-run', 'with --all: show what would be unlocked')
    .addOption(new Option('--by <name>', 'who unlocks').argParser(filled))
    .addOption(
      new Option('--why <text>', 'the reason, kept in the audit; it must not name the patient').argParser(filled),
    )
    .option('--no-wait', 'do not wait for what comes of it')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt waits up to a minute (with --all: until nothing more comes for a minute), and ends with 1 where a record is\n' +
        'not held or its chart could not be read. --by is needed, and --why with --all.\n' +
        'Example: kipu-referrals unlock r-bcdf2345ghjk6789 --by "R. Lee" --why "discharge confirmed by phone"\n' +
        'Example: kipu-referrals unlock --all --instance north --reason webhook-missing --by "R. Lee" --why "list checked"',
    )
    .action(unlock);
}

async function unlock(id: string | undefined, options: UnlockOptions, command: Command): Promise<void> {
  const { all = false, instance, reason, dryRun = false, by, why, wait, json = false } = options;
  const refuse = (text: string): never => command.error(`error: ${text}`, { exitCode: 2 });
  if (!all) {
    if (id === undefined) return refuse("missing required argument 'record', or --all");
    if (instance !== undefined || reason !== undefined || dryRun) {
      return refuse('--instance, --reason and --dry-run go with --all');
    }
    if (by === undefined) return refuse("required option '--by <name>' not specified");
    return unlockOne(id, { by, ...(why === undefined ? {} : { why }) }, { wait, json });
  }
  if (id !== undefined) return refuse('give either a record or --all, not both');
  const filter = { ...(instance === undefined ? {} : { instance }), ...(reason === undefined ? {} : { reason }) };
  if (dryRun) return dryRunText(filter, json);
  if (by === undefined || why === undefined) {
    return refuse("options '--by <name>' and '--why <text>' are required with --all");
  }
  return unlockAll(filter, { by, why }, { wait, json });
}

async function unlockOne(
  id: string,
  request: { by: string; why?: string },
  { wait, json }: { wait: boolean; json: boolean },
): Promise<void> {
  const { by, why = null } = request;
  const settings = readSettings();
  await withTemporal({ settings, worker: wait }, async ({ store, client, signal }) => {
    const record = await store.records.get(id);
    const refused = whyNotHeld(record);
    if (record === null || refused !== null) {
      const instance = record?.instance ?? null;
      const outcome = `refused: ${record === null ? 'unknown record' : 'not held'}`;
      await audit(store, { who: by, what: 'unlock', instance, record: id, why, outcome });
      throw new CommandError(`${id}: ${refused}.`);
    }
    await requestUnlock(client, record, settings.taskQueue, request);
    if (!wait) {
      if (json) printJson({ record: id, instance: record.instance, sent: true });
      else print(`The unlock of ${id} is sent.`);
      return;
    }
    const after = await waitForUnlock(store, id, { withinMs: WITHIN_MS, signal });
    const { status, unlocked } = after.record ?? record;
    const { ok, text } = unlockResultText(after.record ?? record, after.referral);
    const { destination = null, revision = null } = after.referral ?? {};
    if (json) {
      printJson({
        record: id,
        instance: record.instance,
        casefileId: record.casefileId,
        status,
        destination,
        revision,
      });
    } else {
      if (unlocked !== null && unlocked.by !== by) print(`${unlocked.by} was first to unlock it.`);
      print(text);
    }
    if (!ok) process.exitCode = 1;
  });
}
