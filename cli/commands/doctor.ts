import { Command } from 'commander';
import { readSettings, type Settings } from '../../config/settings.ts';
import { type Backing, InterruptedError, withBacking } from '../backing/services.ts';
import { bad, type Finding, findingsText } from '../doctor/finding.ts';
import { checkKipu } from '../doctor/kipu.ts';
import { analyze } from '../doctor/live/analyze.ts';
import { page } from '../doctor/live/page.ts';
import { MOST_CALLS, probe } from '../doctor/live/probe.ts';
import { checkNode, checkSettings } from '../doctor/machine.ts';
import { checkStore } from '../doctor/store.ts';
import { checkTemporal } from '../doctor/temporal.ts';
import { checkTimeZone } from '../doctor/timeZone.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { CommandError, explain } from '../terminal/errors.ts';
import { print, printJson, say } from '../terminal/output.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check settings, KIPU, MongoDB, Temporal, schedules, worker, runs and webhooks, and say what to fix')
    .argument('[instance]', 'with --live: only this instance')
    .option('--live', `read what each KIPU is like: at most ${MOST_CALLS} calls, no patient data in the report`)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt changes nothing, and ends with 1 when something is to be mended. What begins with ! is a warning, and does not\n' +
        'count. --live needs KIPU alone: run it before anything else is set up.\n' +
        'Example: kipu-referrals doctor --live north-harbor',
    )
    .action(async (instance: string | undefined, { live = false, json = false }: DoctorOptions) => {
      if (instance !== undefined && !live) throw new CommandError('Name an instance only with --live.', 2);
      const ok = live ? await firstConnection(instance, json) : await checkAll(json);
      if (!ok) process.exitCode = 1;
    });
}

interface DoctorOptions {
  live?: boolean;
  json?: boolean;
}

async function checkAll(json: boolean): Promise<boolean> {
  const findings = await examine();
  if (json) printJson(findings);
  else print(`${findingsText(findings)}\n\n${ABOUT_LIVE}`);
  return findings.every(({ ok }) => ok);
}

const ABOUT_LIVE = 'kipu-referrals doctor --live says what each KIPU is like: its lists, dates and time zone.';

/** Pause between two calls: not more than two a second. */
const PAUSE_MS = 500;

/** Reads one instance after the other, and shows a page for each. Needs nothing but KIPU where it is configured. */
async function firstConnection(wanted: string | undefined, json: boolean): Promise<boolean> {
  const settings = readSettings();
  const { instances } = settings;
  if (instances === null)
    return withBacking(settings, {}, (parts) => readAll(parts.settings, parts.instances, wanted, json));
  return readAll(settings, instances, wanted, json);
}

async function readAll(
  { runs: { lookBackDays }, kipu: { timeoutMs } }: Settings,
  instances: Backing['instances'],
  wanted: string | undefined,
  json: boolean,
): Promise<boolean> {
  const names = chosenInstances(
    instances.map(({ name }) => name),
    wanted,
  );
  const reports = [];
  for (const instance of instances.filter(({ name }) => names.includes(name))) {
    if (process.stderr.isTTY) say(`Reading KIPU ${instance.name}: at most ${MOST_CALLS} calls, two a second.`);
    const report = analyze(await probe(instance, { lookBackDays, timeoutMs, pauseMs: PAUSE_MS }));
    if (!json) print(`${reports.length > 0 ? '\n' : ''}${page(report)}`);
    reports.push(report);
  }
  if (json) printJson(reports);
  return reports.every(({ ok }) => ok);
}

async function examine(): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  const { settings, findings } = checkSettings();
  const parts = settings === null ? [] : await examineParts(settings);
  return [node, ...findings, ...parts];
}

async function examineParts(settings: Settings): Promise<Finding[]> {
  try {
    return await withBacking(settings, { temporal: true }, look);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return [bad('local parts', explain(error).text, 'Run npm run set-up, or configure what is yours.')];
  }
}

async function look({ settings, temporal, mongoUri, instances }: Backing): Promise<Finding[]> {
  const names = instances.map(({ name }) => name);
  const where = { uri: mongoUri, database: settings.mongo.database };
  const found = await Promise.all([
    ...instances.map(checkKipu),
    ...instances.map(checkTimeZone),
    checkStore(where, instances, settings.schedule.everyMinutes),
    checkTemporal(temporal, settings.taskQueue, names),
  ]);
  return found.flat();
}
