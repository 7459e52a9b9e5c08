import { Command } from 'commander';
import { readDirectory } from '../../client/connections/directory.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { analyze } from '../../connection/analyze.ts';
import { bad, type Finding, findingsText } from '../../connection/finding.ts';
import { MAX_CALLS, probe } from '../../connection/probe.ts';
import { openStore } from '../../store/connect.ts';
import { withStore } from '../backing/open.ts';
import { type Backing, InterruptedError, withBacking } from '../backing/services.ts';
import { checkKipu } from '../doctor/kipu.ts';
import { page } from '../doctor/livePage.ts';
import { checkAuditKey, checkNode, checkSettings, checkTimeZone } from '../doctor/settings.ts';
import { checkStore } from '../doctor/store.ts';
import { checkTemporal } from '../doctor/temporal.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { explain } from '../terminal/errors.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { terminalWidth } from '../terminal/table.ts';
import { helpText, wrapped } from '../terminal/text.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check the settings, KIPU, MongoDB, Temporal, schedules, worker, runs and webhooks, and say what to fix',
    )
    .argument('[instance]', 'with --live: only this instance')
    .option('--live', `report the facts about each KIPU: at most ${MAX_CALLS} calls, no patient data`)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'It changes nothing, and exits with 1 when something must be fixed (✗). A warning (!) does not ' +
          'count. --live needs only KIPU: run it before anything else is set up.',
        'Example: kipu-referrals doctor --live north-harbor',
      ),
    )
    .action(async (instance: string | undefined, { live = false, json = false }: DoctorOptions) => {
      if (instance !== undefined && !live) throw new CommandError('An instance can be named only with --live.', 2);
      const ok = live ? await checkLive(instance, json) : await checkAll(json);
      if (!ok) process.exitCode = 1;
    });
}

interface DoctorOptions {
  live?: boolean;
  json?: boolean;
}

async function checkAll(json: boolean): Promise<boolean> {
  const findings = await checkParts();
  if (json) printJson(findings);
  else {
    const fitted = (first: string, text: string, indent: string) => wrapped(first, text, indent, terminalWidth());
    print([findingsText(findings, fitted), '', ...fitted('', ABOUT_LIVE, '')].join('\n'));
  }
  return findings.every(({ ok }) => ok);
}

const ABOUT_LIVE = 'kipu-referrals doctor --live reports the facts about each KIPU: its lists, dates and time zone.';

/** Pause between two calls: at most two per second. */
const PAUSE_MS = 500;

/** Reads one instance after the other, and prints a page for each. Needs only KIPU where KIPU is configured. */
async function checkLive(wanted: string | undefined, json: boolean): Promise<boolean> {
  const settings = readSettings();
  const { instances, connectionKeys } = settings;
  if (instances === null || (connectionKeys.length > 0 && !instances.some(({ name }) => name === wanted)))
    return withStore((opened) => readAll(opened.settings, opened.instances, wanted, json));
  return readAll(settings, instances, wanted, json);
}

async function readAll(
  { runs: { lookBackDays }, kipu: { timeoutMs } }: Settings,
  instances: readonly Backing['instances'][number][],
  wanted: string | undefined,
  json: boolean,
): Promise<boolean> {
  const names = chosenInstances(
    instances.map(({ name }) => name),
    wanted,
  );
  const reports = [];
  for (const instance of instances.filter(({ name }) => names.includes(name))) {
    if (process.stderr.isTTY) say(`Reading KIPU ${instance.name}: at most ${MAX_CALLS} calls, two per second.`);
    const report = analyze(await probe(instance, { lookBackDays, timeoutMs, pauseMs: PAUSE_MS }));
    if (!json) print(`${reports.length > 0 ? '\n' : ''}${page(report)}`);
    reports.push(report);
  }
  if (json) printJson(reports);
  return reports.every(({ ok }) => ok);
}

async function checkParts(): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  const { settings, findings } = checkSettings();
  const parts = settings === null ? [] : await checkBacking(settings);
  return [node, ...findings, ...parts];
}

async function checkBacking(settings: Settings): Promise<Finding[]> {
  try {
    return await withBacking(settings, { temporal: true }, checkOpened);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    if (error instanceof SettingsError) {
      const fix = 'Configure your own servers; the command doctor --live checks KIPU before that.';
      return error.problems.map((problem) => bad('local store', problem, fix));
    }
    return [
      bad('local parts', explain(error).text, 'Run npm run set-up, or configure your own MongoDB, Temporal and KIPU.'),
    ];
  }
}

async function checkOpened({ settings, temporal, mongoUri, instances: fixed }: Backing): Promise<Finding[]> {
  const { instances, unusable } = await storedConnections(settings, mongoUri, fixed);
  const names = instances.map(({ name }) => name);
  const where = { uri: mongoUri, database: settings.mongo.database };
  const found = await Promise.all([
    ...instances.map(checkKipu),
    ...instances.map(checkTimeZone),
    checkAuditKey(settings),
    checkStore(where, instances, settings.schedule.everyMinutes),
    checkTemporal(temporal, settings.taskQueue, names),
  ]);
  return [...found.flat(), ...unusable];
}

/** Returns all instances, with a finding for each stored connection that can't be used. */
async function storedConnections(settings: Settings, uri: string, fixed: Backing['instances']) {
  const store = openStore({ ...settings.mongo, uri });
  try {
    const directory = await readDirectory({ store, keys: settings.connectionKeys, fixed });
    const unusable = directory
      .unusable()
      .map(({ name, text }) => bad(`KIPU ${name}`, text, 'Until then it is not synced, and its webhooks are refused.'));
    return { instances: directory.all(), unusable };
  } catch {
    // Another check says that MongoDB does not answer.
    return { instances: fixed, unusable: [] };
  } finally {
    await store.close();
  }
}
