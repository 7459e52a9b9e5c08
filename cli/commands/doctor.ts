import { Command } from 'commander';
import type { Settings } from '../../config/settings.ts';
import { InterruptedError, type Parts, withParts } from '../backing/services.ts';
import { bad, type Finding, findingsText } from '../doctor/finding.ts';
import { checkKipu } from '../doctor/kipu.ts';
import { checkNode, checkSettings } from '../doctor/machine.ts';
import { checkStore } from '../doctor/store.ts';
import { checkTemporal } from '../doctor/temporal.ts';
import { checkTimeZone } from '../doctor/timeZone.ts';
import { jsonOption } from '../terminal/arguments.ts';
import { explain } from '../terminal/errors.ts';
import { print, printJson } from '../terminal/output.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check settings, KIPU, MongoDB, Temporal, schedules, worker, runs and webhooks, and say what to mend')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt changes nothing, and ends with 1 when something is to be mended. What begins with ! is a warning, and does not\n' +
        'count.\nExample: kipu-referrals doctor',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const findings = await examine();
      if (json) printJson(findings);
      else print(findingsText(findings));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function examine(): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  const { settings, findings } = checkSettings();
  const parts = settings === null ? [] : await examineParts(settings);
  return [node, ...findings, ...parts];
}

async function examineParts(settings: Settings): Promise<Finding[]> {
  try {
    return await withParts(settings, { temporal: true }, look);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return [bad('local parts', explain(error).text, 'Run npm run set-up, or configure what is yours.')];
  }
}

async function look({ settings, temporal, mongoUri, instances }: Parts): Promise<Finding[]> {
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
