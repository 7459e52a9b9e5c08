import { Command, Option } from 'commander';
import { osUser } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import { countPurge, type PurgeCounts, PurgeRefusedError, purge, purgeText } from '../../client/purge.ts';
import { forEachConcurrently } from '../../client/unlock.ts';
import { addDays } from '../../domain/time.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, days, filled, instanceOption, jsonOption, recordId } from '../terminal/arguments.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { counted, helpText } from '../terminal/text.ts';

/** Running the command again purges the rest. */
const MAX_RECORDS = 10_000;
const AT_ONCE = 10;

interface PurgeOptions {
  record?: string;
  olderThan?: number;
  instance?: string;
  why?: string;
  yes?: boolean;
  json?: boolean;
}

export function purgeCommand(): Command {
  return new Command('purge')
    .description('remove a record with its referral, webhooks and Temporal histories, for good')
    .addOption(new Option('--record <record>', 'this record').argParser(recordId))
    .addOption(new Option('--older-than <days>', 'records that were discharged before then: 7y, 400d').argParser(days))
    .addOption(instanceOption())
    .addOption(
      new Option('--why <text>', 'the reason, stored in the audit; it must not name the patient').argParser(filled),
    )
    .option('--yes', 'remove; without it the command only shows what would be removed')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'The audit and the disclosures stay: they name the record by its id alone. KIPU may list the chart for years; it ' +
          'gets no record again. --older-than leaves out held records. Backups and what other systems copied are not ' +
          'touched.',
        'Example: kipu-referrals purge --record r-bcdf2345ghjk6789',
        'Example: kipu-referrals purge --older-than 7y --yes --why "retention period"',
      ),
    )
    .action(run);
}

async function run(options: PurgeOptions, command: Command): Promise<void> {
  const { record, olderThan, instance, why, yes = false, json = false } = options;
  const refuse = (text: string): never => command.error(`error: ${text}`, { exitCode: 2 });
  if ((record === undefined) === (olderThan === undefined)) return refuse('give either --record or --older-than');
  if (yes && why === undefined) return refuse("option '--why <text>' is required with --yes");
  await withTemporal({}, async (opened) => {
    const ids = record === undefined ? await endedBefore(opened, olderThan ?? 0, instance) : [record];
    const done: (PurgeCounts & { record: string })[] = [];
    const refused: string[] = [];
    await forEachConcurrently(ids, AT_ONCE, async (id) => {
      try {
        const counts = why !== undefined && yes ? await purgeOne(opened, id, why) : await countOne(opened, id);
        done.push({ record: id, ...counts });
        if (!json) print(`${id}: ${purgeText(counts)}`);
      } catch (error) {
        if (!(error instanceof PurgeRefusedError)) throw error;
        refused.push(id);
        say(`${id}: ${error.message}.`);
      }
    });
    if (refused.length > 0) process.exitCode = 1;
    if (json) printJson(done);
    if (!yes) say(`${counted(done.length, 'record')} would be purged. This was a dry run: nothing changed.`);
    else say(`${counted(done.length, 'record')} purged.`);
  });
}

/** Returns the records that ended before then, and those whose purge was interrupted. */
async function endedBefore(
  opened: OpenedWithTemporal,
  olderThan: number,
  instance: string | undefined,
): Promise<string[]> {
  const instances = chosenInstances(await knownInstances(opened), instance);
  const found = await opened.store.records.endedBefore(addDays(new Date(), -olderThan), instances, MAX_RECORDS);
  const unfinished = await opened.store.purged.unfinished(instances);
  return [...new Set([...unfinished, ...found.map(({ _id }) => _id)])];
}

function countOne({ store, client }: OpenedWithTemporal, id: string): Promise<PurgeCounts> {
  return countPurge({ store, client, now: () => new Date() }, id);
}

function purgeOne({ store, client }: OpenedWithTemporal, id: string, why: string): Promise<PurgeCounts> {
  return purge({ store, client, now: () => new Date() }, id, { why, who: osUser() });
}
