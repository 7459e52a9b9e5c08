import { mock } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityContext } from '../../activities/context.ts';
import { createKipuActivities } from '../../activities/index.ts';
import { standInInstances, WITHOUT_CHART_UPDATE } from '../../cli/backing/standIn.ts';
import { addAccount } from '../../client/accounts.ts';
import { audit } from '../../client/audit.ts';
import type { Instance } from '../../config/instances.ts';
import type { StandIn, StandInChart } from '../../dev/stand-in/index.ts';
import { chanceOf } from '../../dev/stand-in/world/random.ts';
import { dischargedAt } from '../../domain/lock.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { Role } from '../../domain/role.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { ID_LETTERS } from '../../domain/unlock.ts';
import { webhooks } from '../../domain/webhookHealth.ts';
import { KipuClient, masterIdOf, parseDate } from '../../kipu/index.ts';
import type { Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import type { Shown } from './pages.ts';
import { aRecord } from './recordFixtures.ts';
import { aRun } from './runFixtures.ts';

const RUNS_BEFORE = 47;
const PASSWORD = 'nobody else will know';

/** The users of the screenshots. */
export const people = {
  dana: { name: 'dana', displayName: 'Dana Whitlock', password: PASSWORD, role: 'staff' as Role },
  ada: { name: 'ada', displayName: 'Ada Winterbourne', password: PASSWORD, role: 'admin' as Role },
};
const others = { name: 'vera', displayName: 'Vera Lindqvist', password: PASSWORD, role: 'viewer' as Role };

/** When the screenshots are taken: in the afternoon of a clinic on the East Coast. */
export const NOW = new Date('2026-11-24T20:10:00Z');

/** Sets the clock of this process, which then stands still. */
export function setClock(at: Date): void {
  if (!isSet) mock.timers.enable({ apis: ['Date'], now: at });
  isSet = true;
  mock.timers.setTime(at.getTime());
}
let isSet = false;

/** Stores what two days of a service would leave: each chart is pulled soon after it changed, with the real activities. */
export async function addExampleData(store: Store, standIn: StandIn): Promise<Shown> {
  const instances = standInInstances(standIn);
  await dropExpiry(store);
  setClock(new Date(NOW.getTime() - 2 * DAY_MS));
  for (const person of [...Object.values(people), others])
    await addAccount(
      store,
      { ...person, mustChangePassword: false, instances: '*' },
      { who: 'ada', from: '192.0.2.4', at: new Date() },
    );
  await store.receiverUptime.beat('receiver', new Date(NOW.getTime() - 30 * DAY_MS), NOW);
  const [first] = instances;
  if (first === undefined) throw new Error('the stand-in has no instance');
  const runs: string[] = [];
  for (const instance of instances) {
    const last = await readInstance(store, standIn, instance);
    runs.push(last);
  }
  const cedar = instances.find(({ name }) => WITHOUT_CHART_UPDATE.includes(name)) ?? first;
  const [held, unlocked] = await store.records.held({ instance: cedar.name }, 4);
  if (held === undefined || unlocked === undefined) throw new Error('there are fewer than two held records');
  const { pull, close } = puller(store, [cedar]);
  const by = { who: people.dana.name, why: 'discharge checked by phone', at: new Date(NOW.getTime() - 40 * MINUTE_MS) };
  const event = { who: by.who, from: '192.0.2.7', instance: cedar.name, record: unlocked._id, why: by.why, at: by.at };
  await audit(store, { ...event, at: new Date(by.at.getTime() - 1_000), what: 'unlock-requested', outcome: 'sent' });
  setClock(by.at);
  await store.records.unlock(unlocked._id, { by: people.dana.displayName, why: by.why, at: by.at, key: 'u-example' });
  await audit(store, { ...event, name: people.dana.displayName, what: 'unlock', outcome: 'unlocked' });
  await pull(unlocked._id, 'unlocked');
  setClock(new Date(NOW.getTime() - 20 * MINUTE_MS));
  standIn.edit(unlocked.instance, unlocked.casefileId, { discharge_or_transition_name: 'Amber Ridge Recovery' });
  await pull(unlocked._id, 'changed');
  await close();
  const scope = { recipients: ['Harbor Recovery'], purposes: ['treatment' as const], signedOn: '2026-11-09' };
  await store.referrals.setConsent(
    unlocked._id,
    { state: 'recorded', scope: { ...scope, expiresOn: null } },
    { version: 0, by: people.dana.name, at: new Date() },
  );
  await store.recipients.add({
    ...{ name: 'Discharge desk', channel: 'email', target: 'discharges@clinic.example', secret: null, instances: '*' },
    ...{ subscriptions: ['digest'], hour: 7, account: null, createdAt: new Date(), createdBy: 'ada' },
  });
  setClock(NOW);
  return { held: held._id, linked: unlocked._id, run: runs[instances.indexOf(cedar)] ?? '' };
}

/** Pulls every chart of an instance at its time, and stores the runs that listed them. Returns the id of the last run. */
async function readInstance(store: Store, standIn: StandIn, instance: Instance): Promise<string> {
  const { name } = instance;
  const { pull, readLocations, close } = puller(store, [instance]);
  const charts = standIn.charts(name).filter(({ vaulted }) => !vaulted);
  await readLocations(name);
  await measureWebhooks(store, name, charts);
  const outcomes: PullOutcome[] = [];
  for (const [index, { casefileId, updatedAt, patient }] of charts.entries()) {
    const _id = exampleRecordId(name, index);
    const discharge = parseDate(text(patient.discharge_date) ?? '');
    const discharged = dischargedAt(discharge.ok ? discharge.date : null, instance.timeZone ?? 'UTC') ?? updatedAt;
    const latest = Math.max(updatedAt.getTime(), discharged < NOW ? discharged.getTime() : 0);
    const at = new Date(Math.min(latest, NOW.getTime() - HOUR_MS) + (index % 9) * 5 * MINUTE_MS);
    setClock(at);
    await store.collections.records.insertOne(
      aRecord({
        ...{ _id, instance: name, casefileId, masterId: masterIdOf(casefileId), status: 'new', pulledAt: null },
        ...{ pending: true, createdAt: at, updatedAt: at, rev: 0 },
      }),
    );
    outcomes.push(await pull(_id, 'first'));
  }
  await close();
  const runs = runsOf(name, outcomes);
  await store.collections.runs.insertMany(runs);
  return runs[0]?._id ?? '';
}

/** Stores how the webhooks of an instance arrived at the locations of its charts. */
async function measureWebhooks(store: Store, instance: string, charts: readonly StandInChart[]): Promise<void> {
  const names = new Map(charts.map(({ patient }) => [text(patient.location_id), text(patient.location_name)]));
  const at = { first: new Date(NOW.getTime() - 20 * DAY_MS), last: new Date(NOW.getTime() - 25 * MINUTE_MS) };
  for (const [index, [locationId, locationName]] of [...names].entries()) {
    for (const webhook of webhooks) {
      const place = { locationId, locationName };
      const isOff = webhook === 'chart-update' && WITHOUT_CHART_UPDATE.includes(instance);
      const [announced, missed] = isOff ? [0, index + 1] : [index + 4, 0];
      if (!isOff) await store.webhookHealth.delivered(instance, webhook, place, at);
      const cycle = {
        run: `${instance}-0`,
        at: new Date(NOW.getTime() - 9 * MINUTE_MS),
        announced,
        missed,
        unheard: 0,
      };
      await store.webhookHealth.addCycle(instance, webhook, place, cycle);
    }
  }
}

/** Returns the activities that read charts of these instances, without Temporal. */
function puller(store: Store, instances: readonly Instance[]) {
  const now = () => new Date();
  const clients = instances.map((instance) => ({ instance, kipu: new KipuClient({ ...instance, now }) }));
  const context = {
    ...{ store, now, noticeUrl: null, unlockByHand: false },
    instances: new Map(clients.map(({ instance, kipu }) => [instance.name, { ...instance, kipu }])),
  } as unknown as ActivityContext;
  const { pullChart, readLocations } = createKipuActivities(context);
  return {
    async pull(recordId: string, why: string): Promise<PullOutcome> {
      const environment = new MockActivityEnvironment({ activityId: `${recordId} ${why}`, attempt: 1 });
      return ((await environment.run(pullChart, { recordId })) as Awaited<ReturnType<typeof pullChart>>).outcome;
    },
    readLocations: (instance: string) => new MockActivityEnvironment().run(readLocations, { instance }),
    close: () => Promise.all(clients.map(({ kipu }) => kipu.close())),
  };
}

/** Returns a run for each hour, newest first: the last one is full, there are few changes at night, and one is incomplete. */
function runsOf(instance: string, outcomes: readonly PullOutcome[]): RunDocument[] {
  const count = (wanted: PullOutcome) => outcomes.filter((outcome) => outcome === wanted).length;
  const lastAt = new Date(NOW.getTime() - 9 * MINUTE_MS);
  const ofAll = { saved: count('saved'), unchanged: count('unchanged'), held: count('held') };
  const others = { notReady: count('notReady'), ignored: count('ignored'), failed: count('failed') };
  const due = outcomes.length;
  const full = aRun({
    ...{ _id: `${instance}-0`, instance, workflowId: `sync/${instance}-0`, mode: 'full', startedAt: lastAt },
    ...{ endedAt: new Date(lastAt.getTime() + 4_200), cursor: lastAt, owed: 0 },
    window: { startDay: '2026-10-25', endDay: '2026-11-25' },
    counts: { ...ofAll, ...others, listed: due, due, kipuCalls: due + 3 },
  });
  const before = Array.from({ length: RUNS_BEFORE }, (_, index): RunDocument => {
    const hoursAgo = index + 1;
    const chance = chanceOf(7, instance, hoursAgo);
    const startedAt = new Date(lastAt.getTime() - hoursAgo * HOUR_MS);
    const isDay = startedAt.getUTCHours() > 12;
    const failed = chance.odds(0.05) ? 1 : 0;
    const [saved, held] = isDay ? [chance.int(1, 9), chance.odds(0.3) ? 1 : 0] : [chance.int(0, 2), 0];
    const due = saved + held + failed;
    const incomplete = instance === 'cedar-grove' && hoursAgo === 20;
    return aRun({
      ...{ _id: `${instance}-${hoursAgo}`, instance, workflowId: `sync/${instance}-${hoursAgo}`, mode: 'incremental' },
      ...{ startedAt, endedAt: new Date(startedAt.getTime() + 1_000 + due * 170), cursor: startedAt, owed: 0 },
      counts: { listed: due + chance.int(20, 40), due, saved, held, failed, kipuCalls: due + 1 },
      ...(incomplete
        ? {
            status: 'incomplete' as const,
            cursor: null,
            fault: { code: 'unavailable', text: 'KIPU is down or overloaded (GET /api/patients/latest, 503)' },
          }
        : {}),
    });
  });
  return [full, ...before];
}

/** Returns the same id for the same place each time. */
function exampleRecordId(instance: string, index: number): string {
  const chance = chanceOf(11, instance, index);
  const letters = Array.from({ length: 16 }, () => ID_LETTERS[chance.int(0, ID_LETTERS.length - 1)]);
  return `r-${letters.join('')}`;
}

/** Removes what would delete documents whose time, by the clock of the machine, is over. */
async function dropExpiry({ collections }: Store): Promise<void> {
  for (const collection of Object.values(collections)) {
    for (const { name, expireAfterSeconds } of await collection.indexes())
      if (name !== undefined && expireAfterSeconds !== undefined) await collection.dropIndex(name);
  }
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
