import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { StepContext } from '../../activities/context.ts';
import { kipuSteps } from '../../activities/index.ts';
import { type SettingsPatch, type StandIn, startStandIn } from '../../dev/stand-in/index.ts';
import { type LockPolicy, lockPolicies } from '../../domain/lock.ts';
import type { DayWindow } from '../../domain/run.ts';
import { addDays, utcDay } from '../../domain/time.ts';
import { DEFAULT_DIGEST, KipuClient } from '../../kipu/index.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { ListedPage } from '../../workflows/messages.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north-harbor';
const PER = 20;

/** The whole range of what KIPU may do with a list; each at another seed, so that other charts are met. */
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

/** One way of pulling, on a database of its own. */
interface Way {
  store: Store;
  pull(window: DayWindow): Promise<void>;
}

describe('documents pulled from rows equal those pulled chart by chart', () => {
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it.each(variants.map(([name, settings, policy], index) => ({ name, settings, policy, seed: index + 1 })))(
    '$name',
    async ({ settings, policy, seed }) => {
      expect(lockPolicies).toContain(policy);
      const standIn = await startStandIn({
        ...{ instances: [{ name: NAME }], charts: 45, seed },
        settings: { all: { ...settings, rows: 'chart' } },
      });
      stops.push(standIn.close);
      const now = { at: new Date() };
      const rows = await wayOf(standIn, policy, now, pullByRows);
      const charts = await wayOf(standIn, policy, now, pullByCharts);
      for (let round = 0; round < 3; round += 1) {
        const window = { startDay: utcDay(addDays(now.at, -60)), endDay: utcDay(addDays(now.at, 1)) };
        standIn.calls.reset();
        await rows.pull(window);
        // One row is compared with its chart, in the first round.
        expect(standIn.calls.count({ route: 'chart' })).toBe(round === 0 ? 1 : 0);
        await charts.pull(window);
        expect(standIn.calls.count({ route: 'chart' })).toBeGreaterThan(round === 0 ? 20 : 5);
        const [one, other] = [await documentsOf(rows.store), await documentsOf(charts.store)];
        expect(one.records.length).toBeGreaterThan(20);
        expect(one).toEqual(other);
        change(standIn, round);
        now.at = new Date(now.at.getTime() + 3_600_000);
      }
    },
  );

  async function wayOf(
    standIn: StandIn,
    lockPolicy: LockPolicy,
    now: { at: Date },
    pull: (context: StepContext, window: DayWindow) => Promise<void>,
  ): Promise<Way> {
    const store = openStore({ uri, database: `rows_${randomUUID().slice(0, 8)}` });
    stops.push(() => store.close());
    await store.setUp();
    const [credentials] = standIn.instances;
    if (credentials === undefined) throw new Error('no instance');
    const kipu = new KipuClient({ ...credentials, digest: DEFAULT_DIGEST, baseUrl: standIn.url });
    stops.push(() => kipu.close());
    const context = {
      store,
      instances: new Map([[NAME, { kipu, lockPolicy, timeZone: 'America/New_York' }]]),
      runs: { pageSize: PER },
      now: () => now.at,
      // What starts workflows is no matter here.
    } as unknown as StepContext;
    await new MockActivityEnvironment().run(kipuSteps(context).readLocations, { instance: NAME });
    return { store, pull: (window) => pull(context, window) };
  }
});

async function pullByRows(context: StepContext, window: DayWindow): Promise<void> {
  const at = { instance: NAME, runId: randomUUID(), window };
  for (let page = 1, more = true; more; page += 1) {
    const environment = new MockActivityEnvironment({ activityId: randomUUID() });
    const listed: ListedPage = await environment.run(kipuSteps(context).pullRows, { ...at, page });
    expect(listed.pulled?.rowsDiffer).toBe(false);
    expect(listed.due).toEqual([]);
    more = listed.more;
  }
}

async function pullByCharts(context: StepContext, window: DayWindow): Promise<void> {
  const at = { instance: NAME, runId: randomUUID(), window, source: 'census', since: null } as const;
  const due = new Set<string>();
  for (let page = 1, more = true; more; page += 1) {
    const listed: ListedPage = await new MockActivityEnvironment().run(kipuSteps(context).listPage, { ...at, page });
    for (const id of listed.due) due.add(id);
    more = listed.more;
  }
  for (const recordId of due) {
    await new MockActivityEnvironment({ activityId: randomUUID() }).run(kipuSteps(context).pullChart, { recordId });
  }
}

/** Staff go on working, and some charts change in ways that matter. */
function change(standIn: StandIn, round: number): void {
  standIn.live(40);
  const charts = standIn.charts(NAME).filter(({ vaulted }) => !vaulted);
  for (const [index, { casefileId }] of charts.entries()) {
    if (index % 5 === round) standIn.edit(NAME, casefileId, { discharge_or_transition_name: `Amber House ${index}` });
    if (index % 7 === round) standIn.edit(NAME, casefileId, { discharge_or_transition_name: ' \t' });
    if (index % 9 === round) standIn.edit(NAME, casefileId, {});
  }
}

/** Records and referrals by chart, without ids, keys and what the database makes. */
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
