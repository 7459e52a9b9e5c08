import { Argument, Command, Option } from 'commander';
import { readSettings } from '../../../config/settings.ts';
import { audit } from '../../audit.ts';
import { sendUnlock } from '../../unlock.ts';
import { unlockOutcome, waitForUnlock, whyNotHeld } from '../../unlockOutcome.ts';
import { filled, jsonOption, recordId } from '../arguments.ts';
import { CommandError } from '../errors.ts';
import { withTemporal } from '../open.ts';
import { print, printJson } from '../output.ts';

interface UnlockOptions {
  by: string;
  why?: string;
  wait: boolean;
  json?: boolean;
}

const WITHIN_MS = 60_000;

export function unlockCommand(): Command {
  return new Command('unlock')
    .description('unlock a held record; its chart is read at once')
    .addArgument(new Argument('<record>', 'the id that the command holds shows').argParser(recordId))
    .addOption(new Option('--by <name>', 'who unlocks it').argParser(filled).makeOptionMandatory())
    .addOption(
      new Option('--why <text>', 'the reason, kept in the audit; it must not name the patient').argParser(filled),
    )
    .option('--no-wait', 'do not wait for what comes of it')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt waits up to a minute, and ends with 1 where the record is not held or its chart could not be read.\n' +
        'Example: kipu-referrals unlock r-bcdf2345ghjk6789 --by "R. Lee" --why "discharge confirmed by phone"',
    )
    .action(unlock);
}

async function unlock(id: string, options: UnlockOptions): Promise<void> {
  const { by, why, wait, json = false } = options;
  const settings = readSettings();
  await withTemporal({ settings, worker: wait }, async ({ store, client, signal }) => {
    const record = await store.records.get(id);
    const refused = whyNotHeld(record);
    if (record === null || refused !== null) {
      const instance = record?.instance ?? null;
      const outcome = `refused: ${record === null ? 'unknown record' : 'not held'}`;
      await audit(store, { who: by, what: 'unlock', instance, record: id, why: why ?? null, outcome });
      throw new CommandError(`${id}: ${refused}.`);
    }
    await sendUnlock(client, record, settings.taskQueue, { by, ...(why === undefined ? {} : { why }) });
    if (!wait) {
      if (json) printJson({ record: id, instance: record.instance, sent: true });
      else print(`The unlock of ${id} is sent.`);
      return;
    }
    const after = await waitForUnlock(store, id, { withinMs: WITHIN_MS, signal });
    const { status, unlocked } = after.record ?? record;
    const { ok, text } = unlockOutcome(after.record ?? record, after.referral);
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
