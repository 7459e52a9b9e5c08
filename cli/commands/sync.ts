import { Command } from 'commander';
import { audit, osUser } from '../../client/audit.ts';
import { requestSync } from '../../client/requestSync.ts';
import { runSummary } from '../../client/runView.ts';
import { describeSchedule, ensureSchedule, triggerRun } from '../../client/schedules.ts';
import { ensureSearchAttributes } from '../../client/searchAttributes.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { findHolder } from '../backing/dataDir.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { progressLine } from '../terminal/progressLine.ts';
import { runTable } from '../terminal/runTable.ts';

interface SyncOptions {
  full?: boolean;
  wait?: boolean;
  json?: boolean;
}

export function syncCommand(): Command {
  return new Command('sync')
    .description('start a run now, of one instance or of all')
    .argument('[instance]', 'only this instance')
    .option('--full', 'list everything: the census and the vault too')
    .option('--wait', 'wait for the runs and show what they did; implied where no service runs')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWhere a run goes on already, the new one follows it. With --wait it ends with 1 when a run failed or is\n' +
        'incomplete.\nExample: kipu-referrals sync north --full --wait',
    )
    .action(sync);
}

async function sync(wanted: string | undefined, options: SyncOptions): Promise<void> {
  const { full = false, json = false } = options;
  const settings = readSettings();
  // What is started only for this command would stop under a run that nobody waits for.
  const wait = options.wait === true || !goesOn(settings);
  await withTemporal({ settings, worker: true }, async (opened) => {
    const known = opened.instances.map(({ name }) => name);
    const names = chosenInstances(known, wanted);
    for (const name of names) await prepare(opened, name, full);
    if (wait) return waitAndShow(opened, names, json);
    for (const name of names) await triggerRun(opened.client, name);
    if (json) printJson({ ok: true, requested: names });
    else print(`A${full ? ' full' : ''} run is requested of ${names.join(', ')}; the command runs shows it.`);
  });
}

async function prepare({ store, client, settings }: OpenedWithTemporal, instance: string, full: boolean) {
  if ((await describeSchedule(client, instance)) === null) {
    await Promise.all([store.setUp(), ensureSearchAttributes(client)]);
    await ensureSchedule(client, instance, settings.taskQueue, settings.schedule);
  }
  if (full) await store.instances.requestFull(instance, new Date());
  const outcome = full ? 'full run requested' : 'run requested';
  await audit(store, { who: osUser(), what: 'sync-requested', instance, record: null, why: null, outcome });
}

async function waitAndShow(opened: OpenedWithTemporal, names: readonly string[], json: boolean): Promise<void> {
  const { client, store, signal } = opened;
  const progress = progressLine(process.stderr);
  const runs = await requestSync(client, store, names, progress.show, signal).finally(progress.end);
  const ok = runs.every(({ status }) => status === 'completed');
  if (json) printJson({ ok, runs: runs.map((run) => runSummary(run)) });
  else print(runTable(runs));
  if (!ok) process.exitCode = 1;
}

/** True where a worker goes on after this command: the local service's, or the operator's own. */
function goesOn(settings: Settings): boolean {
  return settings.temporal !== null || findHolder(settings.dataDir)?.kind === 'service';
}
