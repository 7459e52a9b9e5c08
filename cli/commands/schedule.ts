import { Command } from 'commander';
import { audit, commandViewer } from '../../client/audit.ts';
import { describeSchedule, pauseSchedule, type ScheduleStatus, scheduledInstances } from '../../client/schedules.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, jsonOption, reasonOf, whyOption, wideOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { shortTime, type ZoneOf, zonesOf } from '../terminal/dates.ts';
import { printJson } from '../terminal/output.ts';
import { type FittedTable, fittedTable, printFitted, terminalWidth } from '../terminal/table.ts';

interface ScheduleOptions {
  why?: string;
  wide?: boolean;
  json?: boolean;
}

export function scheduleCommand(): Command {
  const command = new Command('schedule').description('pause, resume or describe the schedules');
  command
    .command('describe')
    .description('show when each instance is synced')
    .argument('[instance]', 'only this instance')
    .addOption(wideOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals schedule describe north')
    .action((wanted: string | undefined, options: ScheduleOptions) =>
      withTemporal({}, async (opened) => show(await readSchedules(opened, wanted), options, zonesOf(opened.instances))),
    );
  for (const action of ['pause', 'resume'] as const) {
    command
      .command(action)
      .description(action === 'pause' ? 'start no runs until resumed' : 'start runs again')
      .argument('[instance]', 'only this instance')
      .addOption(whyOption())
      .addOption(wideOption())
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
    show(await readSchedules(opened, wanted), options, zonesOf(opened.instances));
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

function show(
  schedules: readonly InstanceSchedule[],
  { json = false, wide = false }: ScheduleOptions,
  zoneOf: ZoneOf,
): void {
  if (json) printJson(schedules.flatMap(({ schedule }) => (schedule === null ? [] : [schedule])));
  else printFitted(schedulesText(schedules, new Date(), zoneOf, terminalWidth(wide)));
}

/** Formats the schedules for people. */
export function schedulesText(
  schedules: readonly InstanceSchedule[],
  now: Date,
  zoneOf: ZoneOf,
  width = Number.POSITIVE_INFINITY,
): FittedTable {
  return fittedTable(
    schedules,
    [
      { title: 'instance', of: ({ instance }) => instance },
      { title: 'state', of: ({ schedule }) => stateOf(schedule) },
      {
        title: 'every',
        of: ({ schedule }) => (schedule?.everyMinutes == null ? null : `${schedule.everyMinutes} min`),
      },
      {
        title: 'next run',
        of: ({ instance, schedule }) => shortTime(schedule?.nextRunAt ?? null, zoneOf(instance), now),
      },
      {
        title: 'last run',
        of: ({ instance, schedule }) => shortTime(schedule?.lastRunAt ?? null, zoneOf(instance), now),
        leaveOut: 4,
      },
      { title: 'running', of: ({ schedule }) => schedule?.runningNow ?? null, number: true, leaveOut: 1 },
      { title: 'skipped', of: ({ schedule }) => schedule?.skippedOverlap ?? null, number: true, leaveOut: 2 },
      { title: 'missed', of: ({ schedule }) => schedule?.missedCatchUp ?? null, number: true, leaveOut: 3 },
      { title: 'note', of: ({ schedule }) => schedule?.note ?? null },
    ],
    'no instances',
    width,
  );
}

/** Returns a schedule's state in one word. */
function stateOf(schedule: Pick<ScheduleStatus, 'paused'> | null): string {
  if (schedule === null) return 'none';
  return schedule.paused ? 'paused' : 'active';
}
