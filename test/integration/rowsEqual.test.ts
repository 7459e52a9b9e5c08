import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SettingsPatch, type StandIn, startStandIn } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import type { DayWindow } from '../../domain/run.ts';
import { addDays, utcDay } from '../../domain/time.ts';
import type { Store } from '../../store/connect.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north-harbor';
const BATCH = 10;

/** The variants of KIPU's lists, each with its own seed and so with other charts. */
const variants: [string, SettingsPatch, LockPolicy][] = [
  ['as it comes', {}, 'webhook-missing'],
  ['held always', {}, 'always'],
  ['days only', { timestamps: 'day' }, 'never'],
  ['clock times', { timestamps: 'time', timeZone: 'America/Denver' }, 'webhook-missing'],
  ['offsets', { timestamps: 'offset', timeZone: 'Asia/Kolkata' }, 'never'],
  ['rows twice', { rowsTwice: true }, 'never'],
  ['ids in capitals', { casefileCase: 'mixed' }, 'webhook-missing'],
  ['numbers as text', { numbersAsText: true, levelPrefix: true }, 'never'],
  ['numbers as numbers', { numbersAsText: false, placeholders: false }, 'always'],
];

type Activities = Awaited<ReturnType<typeof activitiesInProcess>>;

describe('Documents pulled from rows, and in batches, equal those pulled chart by chart', () => {
  it.each(variants.map(([name, settings, lockPolicy], index) => ({ name, settings, lockPolicy, seed: index + 1 })))(
    '$name',
    async ({ settings, lockPolicy, seed }) => {
      const standIn = await startStandIn({
        ...{ instances: [{ name: NAME }], charts: 30, seed },
        settings: { all: { ...settings, rows: 'chart' } },
      });
      onTestFinished(standIn.close);
      let at = new Date();
      const options = { uri, standIn, lockPolicy, now: () => at, pageSize: 14 };
      const rows = await activitiesInProcess(options);
      const charts = await activitiesInProcess(options);
      const batches = await activitiesInProcess(options);
      for (let round = 0; round < 3; round += 1) {
        const window = { startDay: utcDay(addDays(at, -60)), endDay: utcDay(addDays(at, 1)) };
        standIn.calls.reset();
        await pullByRows(rows, window);
        // One row is compared with its chart, in the first round.
        expect(standIn.calls.count({ route: 'chart' })).toBe(round === 0 ? 1 : 0);
        await pullByCharts(charts, window);
        expect(standIn.calls.count({ route: 'chart' })).toBeGreaterThan(round === 0 ? 20 : 3);
        const calls = standIn.calls.count({ route: 'chart' });
        await pullByBatches(batches, window);
        expect(standIn.calls.count({ route: 'chart' })).toBe(2 * calls - (round === 0 ? 1 : 0));
        const expected = await documentsOf(charts.store);
        expect(expected.records.length).toBeGreaterThan(20);
        expect(await documentsOf(rows.store)).toEqual(expected);
        expect(await documentsOf(batches.store)).toEqual(expected);
        change(standIn, round);
        at = new Date(at.getTime() + 3_600_000);
      }
    },
  );
});

async function pullByRows({ kipuActivities, instance }: Activities, window: DayWindow): Promise<void> {
  const runId = randomUUID();
  for (let page = 1, more = true; more; page += 1) {
    const listed = await inActivity(kipuActivities.pullRows, { instance, runId, window, page });
    expect(listed).toMatchObject({ due: [], pulled: { rowsDiffer: false } });
    more = listed.more;
  }
}

async function pullByCharts(activities: Activities, window: DayWindow): Promise<void> {
  for (const recordId of await dueRecords(activities, window))
    await inActivity(activities.kipuActivities.pullChart, { recordId });
}

async function pullByBatches(activities: Activities, window: DayWindow): Promise<void> {
  const due = await dueRecords(activities, window);
  for (let first = 0; first < due.length; first += BATCH) {
    const batch = { recordIds: due.slice(first, first + BATCH), key: randomUUID(), atOnce: 4 };
    expect(await inActivity(activities.kipuActivities.pullBatch, batch)).toMatchObject({ left: [], refusal: null });
  }
}

async function dueRecords({ kipuActivities, instance }: Activities, window: DayWindow): Promise<string[]> {
  const at = { instance, runId: randomUUID(), window, source: 'census', since: null } as const;
  const due = new Set<string>();
  for (let page = 1, more = true; more; page += 1) {
    const [listed] = await inActivity(kipuActivities.listPages, { ...at, page, last: page });
    for (const id of listed?.due ?? []) due.add(id);
    more = listed?.more ?? false;
  }
  return [...due];
}

/** Lets the staff make changes, and changes some charts in ways that matter. */
function change(standIn: StandIn, round: number): void {
  standIn.live(30);
  const charts = standIn.charts(NAME).filter(({ vaulted }) => !vaulted);
  for (const [index, { casefileId }] of charts.entries()) {
    if (index % 5 === round) standIn.edit(NAME, casefileId, { discharge_or_transition_name: `Amber House ${index}` });
    if (index % 7 === round) standIn.edit(NAME, casefileId, { discharge_or_transition_name: ' \t' });
    if (index % 9 === round) standIn.edit(NAME, casefileId, {});
  }
}

/** Returns records and referrals by chart, without ids, keys and what the database generates. */
async function documentsOf({ collections }: Store) {
  const byChart = <T extends { casefileId: string }>(all: T[]) =>
    all.sort((a, b) => (a.casefileId < b.casefileId ? -1 : 1));
  const records = await collections.records.find().toArray();
  const referrals = await collections.referrals.find().toArray();
  return {
    records: byChart(records).map(({ _id, lastPull, ...rest }) => ({ ...rest, outcome: lastPull?.outcome })),
    referrals: byChart(referrals).map(({ _id, ...rest }) => rest),
  };
}
