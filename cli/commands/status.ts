import { Command } from 'commander';
import { readFreshness } from '../../client/freshness.ts';
import { type InstanceStatus, instanceStatus } from '../../client/instanceStatus.ts';
import { standingWarnings } from '../../client/runView.ts';
import { describeSchedule } from '../../client/schedules.ts';
import { healthAdvice, placesText, webhooks } from '../../domain/webhookHealth.ts';
import { type RecordStatus, recordStatuses } from '../../store/documents.ts';
import { type OpenedWithTemporal, withTemporal } from '../backing/open.ts';
import { jsonOption, wideOption } from '../terminal/arguments.ts';
import { shortTime, type ZoneOf, zonesOf } from '../terminal/dates.ts';
import { printJson } from '../terminal/output.ts';
import { type FittedTable, fittedTable, printFitted, terminalWidth } from '../terminal/table.ts';
import { ago, counted, minute, wrapped } from '../terminal/text.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('show for each instance: freshness, webhooks, schedule, last run, records, holds')
    .addOption(wideOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals status')
    .action(({ json = false, wide = false }: { json?: boolean; wide?: boolean }) =>
      withTemporal({}, async (opened) => {
        const now = new Date();
        const all = await Promise.all(opened.instances.map(({ name }) => readStatus(opened, name, now)));
        if (json) return printJson(all);
        printFitted(statusText(all, now, zonesOf(opened.instances), terminalWidth(wide)));
      }),
    );
}

async function readStatus(
  { store, client, settings }: OpenedWithTemporal,
  instance: string,
  now: Date,
): Promise<InstanceStatus> {
  const [schedule, [lastRun = null], freshness, runWarnings, conditions, tally, oldestHold] = await Promise.all([
    describeSchedule(client, instance),
    store.runs.list({ instance }, 1),
    readFreshness(store, instance, settings.freshWithinMs, now),
    standingWarnings(store, instance),
    store.notices.open(instance),
    store.records.tally(instance),
    store.records.oldestHold(instance),
  ]);
  return instanceStatus(instance, { schedule, lastRun, freshness, runWarnings, conditions, tally, oldestHold });
}

/** Records of these statuses need no person. */
const LEFT_OUT: readonly RecordStatus[] = ['ignored', 'void', 'new', 'unlocked'];

/** Formats one line per instance, and below them what is wrong with the last run, freshness and webhooks. */
export function statusText(
  all: readonly InstanceStatus[],
  now: Date,
  zoneOf: ZoneOf,
  width = Number.POSITIVE_INFINITY,
): FittedTable {
  const statuses = recordStatuses.filter((status) => all.some(({ records }) => (records[status] ?? 0) > 0));
  const { text, leftOut } = fittedTable(
    all,
    [
      { title: 'instance', of: (row) => row.instance },
      { title: 'fresh', of: (row) => (row.fresh ? 'yes' : 'NO') },
      { title: 'schedule', of: (row) => row.schedule, leaveOut: 3 },
      { title: 'next run', of: (row) => shortTime(row.nextRunAt, zoneOf(row.instance), now), leaveOut: 4 },
      { title: 'last run', of: ({ lastRun }) => lastRun && `${lastRun.status} ${ago(lastRun.startedAt, now)}` },
      { title: 'seen until', of: (row) => ago(row.cursor, now), leaveOut: 1 },
      { title: 'last webhook', of: (row) => ago(row.lastWebhookAt, now), leaveOut: 5 },
      ...statuses.map((status) => ({
        title: status === 'notReady' ? 'not ready' : status,
        of: (row: InstanceStatus) => row.records[status] ?? 0,
        number: true,
        ...(LEFT_OUT.includes(status) ? { leaveOut: 2 } : {}),
      })),
      { title: 'oldest hold', of: (row) => ago(row.oldestHold, now) },
    ],
    'no instances',
    width,
  );
  const problems = all.flatMap(problemsOf).flatMap((line) => wrapped('', line, '  ', width));
  return { text: [text, ...problems].join('\n'), leftOut };
}

function problemsOf(status: InstanceStatus): string[] {
  const { instance, lastRun, fresh, warnings, runWarnings, conditions, webhooks: known } = status;
  const broken = webhooks.filter((webhook) => known[webhook].health !== 'healthy');
  return [
    ...(lastRun?.fault ? [`${instance}: ${lastRun.fault}`] : []),
    ...(lastRun?.owed
      ? [`${instance}: ${counted(lastRun.owed, 'chart')} still to be read; the next runs try again`]
      : []),
    ...(fresh ? [] : [`${instance}: not fresh: ${warnings.map(({ words }) => words).join('; ')}`]),
    ...conditions.map(({ text, since }) => `${text} (since ${minute(since)})`),
    ...runWarnings.map(({ text }) => `${instance}: warning: ${text}`),
    ...broken.map((webhook) => {
      const { health, at } = known[webhook];
      return `${placesText(instance, at)}: ${healthAdvice[health][webhook]}`;
    }),
  ];
}
