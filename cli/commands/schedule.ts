import { Command } from 'commander';
import { osUser } from '../../client/audit.ts';
import { describeSchedule, pauseSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/errors.ts';
import { print, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { minute } from '../terminal/text.ts';

interface ScheduleOptions {
  note?: string;
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
      withTemporal({}, async (opened) => show(await sights(opened, wanted), options.json === true)),
    );
  for (const doing of ['pause', 'resume'] as const) {
    command
      .command(doing)
      .description(doing === 'pause' ? 'start no more runs, until resumed' : 'start runs again')
      .argument('[instance]', 'only this instance')
      .option('--note <text>', 'who and why; Temporal shows it with the schedule')
      .addOption(jsonOption())
      .addHelpText('after', `\nExample: kipu-referrals schedule ${doing} north --note "KIPU is moving, R. Lee"`)
      .action((wanted: string | undefined, options: ScheduleOptions) => change(doing, wanted, options));
  }
  return command;
}

function change(doing: 'pause' | 'resume', wanted: string | undefined, options: ScheduleOptions): Promise<void> {
  return withTemporal({}, async (opened) => {
    const before = await sights(opened, wanted);
    const missing = before.filter(({ sight }) => sight === null).map(({ instance }) => instance);
    if (missing.length > 0)
      throw new CommandError(`There is no schedule of ${missing.join(', ')}. The command setup makes it.`);
    const note = options.note ?? `${doing}d by ${osUser()}`;
    for (const { instance } of before) await pauseSchedule(opened.client, instance, doing === 'pause', note);
    show(await sights(opened, wanted), options.json === true);
  });
}

interface Seen {
  instance: string;
  sight: ScheduleStatus | null;
}

function sights({ client, instances }: OpenedWithTemporal, wanted: string | undefined): Promise<Seen[]> {
  const names = chosenInstances(
    instances.map(({ name }) => name),
    wanted,
  );
  return Promise.all(names.map(async (instance) => ({ instance, sight: await describeSchedule(client, instance) })));
}

function show(seen: readonly Seen[], json: boolean): void {
  if (json) printJson(seen.flatMap(({ sight }) => (sight === null ? [] : [sight])));
  else print(schedulesText(seen));
}

export function schedulesText(seen: readonly Seen[]): string {
  return table(
    seen,
    [
      { title: 'instance', of: ({ instance }) => instance },
      { title: 'state', of: ({ sight }) => stateOf(sight) },
      { title: 'every', of: ({ sight }) => (sight?.everyMinutes == null ? null : `${sight.everyMinutes} min`) },
      { title: 'next run', of: ({ sight }) => minute(sight?.nextRunAt ?? null) },
      { title: 'last run', of: ({ sight }) => minute(sight?.lastRunAt ?? null) },
      { title: 'running', of: ({ sight }) => sight?.runningNow ?? null, number: true },
      { title: 'skipped', of: ({ sight }) => sight?.skippedOverlap ?? null, number: true },
      { title: 'missed', of: ({ sight }) => sight?.missedCatchUp ?? null, number: true },
      { title: 'note', of: ({ sight }) => sight?.note ?? null },
    ],
    'no instances',
  );
}

/** A schedule's state in a word. */
export function stateOf(sight: Pick<ScheduleStatus, 'paused'> | null): string {
  if (sight === null) return 'none';
  return sight.paused ? 'paused' : 'active';
}
