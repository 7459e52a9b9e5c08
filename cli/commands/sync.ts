import { Command } from 'commander';
import { commandViewer } from '../../client/audit.ts';
import { ensureSearchAttributes } from '../../client/provision.ts';
import { requestSyncs, type SyncRequest, syncAndWait } from '../../client/requestSync.ts';
import { runSummary } from '../../client/runView.ts';
import { describeSchedule, ensureSchedule } from '../../client/schedules.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { findHolder } from '../backing/dataDir.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { progressLines } from '../terminal/progress.ts';
import { runTable } from '../terminal/table.ts';
import { helpText } from '../terminal/text.ts';

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
    .option('--wait', 'wait for the runs and show their results; implied where no service runs')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'A run that is in progress is followed by the new one. With --wait the command exits with 1 when ' +
          'a run failed or is incomplete.',
        'Example: kipu-referrals sync north --full --wait',
      ),
    )
    .action(sync);
}

async function sync(wanted: string | undefined, options: SyncOptions): Promise<void> {
  const { full = false, json = false } = options;
  const settings = readSettings();
  // Parts that are started only for this command would stop in the middle of a run that nothing waits for.
  const wait = options.wait === true || !hasLastingWorker(settings);
  await withTemporal({ settings, worker: true }, async (opened) => {
    const known = opened.instances.map(({ name }) => name);
    const names = chosenInstances(known, wanted);
    const request = { viewer: commandViewer(), full };
    for (const name of names) await ensureScheduled(opened, name);
    if (wait) return waitAndShow(opened, names, request, json);
    await requestSyncs(opened, names, request);
    if (json) printJson({ ok: true, requested: names });
    else print(`Requested a${full ? ' full' : ''} run of ${names.join(', ')}; the command runs shows it.`);
  });
}

async function ensureScheduled({ store, client, settings }: OpenedWithTemporal, instance: string): Promise<void> {
  if ((await describeSchedule(client, instance)) !== null) return;
  await Promise.all([store.setUpIfNew(), ensureSearchAttributes(client)]);
  await ensureSchedule(client, instance, settings.taskQueue, settings.schedule);
}

async function waitAndShow(
  opened: OpenedWithTemporal,
  names: readonly string[],
  request: SyncRequest,
  json: boolean,
): Promise<void> {
  const progress = progressLines(process.stderr);
  const runs = await syncAndWait(opened, names, request, progress.show, opened.signal).finally(progress.end);
  const ok = runs.every(({ status }) => status === 'completed');
  if (json) printJson({ ok, runs: runs.map((run) => runSummary(run)) });
  else print(runTable(runs));
  if (!ok) process.exitCode = 1;
}

/** Returns whether a worker keeps running after this command: the local service's, or the operator's own. */
function hasLastingWorker(settings: Settings): boolean {
  return settings.temporal !== null || findHolder(settings.dataDir)?.kind === 'service';
}
