import { Command } from 'commander';
import { audit, commandViewer } from '../../client/audit.ts';
import { describeSchedule, pauseSchedule, type ScheduleStatus, scheduledInstances } from '../../client/schedules.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, jsonOption, reasonOf, whyOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { minute } from '../terminal/text.ts';

interface ScheduleOptions {
  why?: string;
  json?: boolean;
}

export function scheduleCommand(): Command {
  const command = new Command('schedule').description('pause, resume or describe the schedules');
  command
    .command('describe')
    .description('show when each instance is synced')
    .argument('[instance]', 'only this instance')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals schedule describe north')
    .action((wanted: string | undefined, options: ScheduleOptions) =>
      withTemporal({}, async (opened) => show(await readSchedules(opened, wanted), options.json === true)),
    );
  for (const action of ['pause', 'resume'] as const) {
    command
      .command(action)
      .description(action === 'pause' ? 'start no runs until resumed' : 'start runs again')
      .argument('[instance]', 'only this instance')
      .addOption(whyOption())
      .addOption(jsonOption())
      .addHelpText('after', `\nExample: kipu-referrals schedule ${action} north --why "KIPU is moving"`)
      .action((wanted: string | undefined, options: ScheduleOptions) => change(action, wanted, options));
  }
  return command;
}

async function change(action: 'pause' | 'resume', wanted: string | undefined, options: ScheduleOptions): Promise<void> {
  const why = await reasonOf(options.why);
  await withTemporal({}, async (opened) => {
    const before = await readSchedules(opened, wanted);
    const missing = before.filter(({ schedule }) => schedule === null).map(({ instance }) => instance);
    if (missing.length > 0)
      throw new CommandError(`There is no schedule of ${missing.join(', ')}. Run kipu-referrals setup to create it.`);
    for (const { instance } of before) {
      await pauseSchedule(opened.client, instance, action === 'pause');
      const event = { ...commandViewer(), what: 'schedule-changed', instance, record: null } as const;
      await audit(opened.store, { ...event, why, outcome: `${action}d` });
    }
    show(await readSchedules(opened, wanted), options.json === true);
  });
}

interface InstanceSchedule {
  instance: string;
  schedule: ScheduleStatus | null;
}

/** Reads the schedules of the instances in the settings; of another one if it is named and Temporal has its schedule. */
async function readSchedules(
  { client, instances }: OpenedWithTemporal,
  wanted: string | undefined,
): Promise<InstanceSchedule[]> {
  const configured = instances.map(({ name }) => name);
  const isRemoved = wanted !== undefined && (await scheduledInstances(client)).includes(wanted);
  const names = isRemoved ? [wanted] : chosenInstances(configured, wanted);
  return Promise.all(names.map(async (instance) => ({ instance, schedule: await describeSchedule(client, instance) })));
}

function show(schedules: readonly InstanceSchedule[], json: boolean): void {
  if (json) printJson(schedules.flatMap(({ schedule }) => (schedule === null ? [] : [schedule])));
  else print(schedulesText(schedules));
}

/** Formats the schedules for people. */
export function schedulesText(schedules: readonly InstanceSchedule[]): string {
  return table(
    schedules,
    [
      { title: 'instance', of: ({ instance }) => instance },
      { title: 'state', of: ({ schedule }) => stateOf(schedule) },
      {
        title: 'every',
        of: ({ schedule }) => (schedule?.everyMinutes == null ? null : `${schedule.everyMinutes} min`),
      },
      { title: 'next run', of: ({ schedule }) => minute(schedule?.nextRunAt ?? null) },
      { title: 'last run', of: ({ schedule }) => minute(schedule?.lastRunAt ?? null) },
      { title: 'running', of: ({ schedule }) => schedule?.runningNow ?? null, number: true },
      { title: 'skipped', of: ({ schedule }) => schedule?.skippedOverlap ?? null, number: true },
      { title: 'missed', of: ({ schedule }) => schedule?.missedCatchUp ?? null, number: true },
      { title: 'note', of: ({ schedule }) => schedule?.note ?? null },
    ],
    'no instances',
  );
}

/** Returns a schedule's state in one word. */
function stateOf(schedule: Pick<ScheduleStatus, 'paused'> | null): string {
  if (schedule === null) return 'none';
  return schedule.paused ? 'paused' : 'active';
}
