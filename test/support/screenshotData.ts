import type { Backing } from '../../cli/backing/services.ts';
import { addAccount } from '../../client/accounts.ts';
import { connectClient } from '../../client/connect.ts';
import { syncAndWait } from '../../client/requestSync.ts';
import { requestUnlock } from '../../client/unlock.ts';
import { chanceOf } from '../../dev/stand-in/world/random.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import type { Shown } from './pages.ts';
import { waitUntil } from './waitUntil.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RUNS_BEFORE = 46;

/** The user of the screenshots. */
export const person = {
  name: 'dana',
  displayName: 'Dana Whitlock',
  password: 'nobody else will know',
  role: 'staff',
  instances: '*',
} as const;

/** Adds two days of runs, old holds and an unlock to a service that has just started. */
export async function addExampleData(parts: Backing, signal: AbortSignal): Promise<Shown> {
  const { settings, temporal, mongoUri, instances, standIn } = parts;
  const store: Store = openStore({ ...settings.mongo, uri: mongoUri });
  const client = await connectClient(temporal);
  const names = instances.map(({ name }) => name);
  const request = { viewer: { who: person.name, from: '127.0.0.1' } };
  try {
    await addAccount(store, { ...person, mustChangePassword: false }, { who: 'screenshots', at: new Date() });
    const runs = await syncAndWait({ store, client }, names, request, () => undefined, signal);
    await store.collections.runs.insertMany(runs.flatMap(runsBefore));
    await ageHolds(store);

    const [held, unlocked] = await store.records.held({ instance: names[0] ?? '' }, 2);
    if (held === undefined || unlocked === undefined) throw new Error('there are fewer than two held records');
    await requestUnlock({ store, client, taskQueue: settings.taskQueue }, unlocked, {
      ...{ viewer: { who: person.name, from: '192.0.2.7' }, name: person.displayName },
      why: 'discharge checked by phone',
    });
    const revision = async () => (await store.referrals.get(unlocked._id))?.revision;
    await waitUntil('there is a referral', async () => (await revision()) === 1);
    standIn?.edit(unlocked.instance, unlocked.casefileId, { discharge_or_transition_name: 'Amber Ridge Recovery' });
    await waitUntil('the referral is revised', async () => (await revision()) === 2);
    const [last] = await syncAndWait({ store, client }, names.slice(0, 1), request, () => undefined, signal);
    return { held: held._id, linked: unlocked._id, run: runs[0]?._id ?? last?._id ?? '' };
  } finally {
    await Promise.all([store.close(), client.connection.close()]);
  }
}

/** Returns a run for each hour before: few changes at night, and one incomplete run. */
function runsBefore(run: RunDocument): RunDocument[] {
  const { instance } = run;
  return Array.from({ length: RUNS_BEFORE }, (_, index) => {
    const hoursAgo = index + 1;
    const chance = chanceOf(7, instance, hoursAgo);
    const startedAt = new Date(run.startedAt.getTime() - hoursAgo * HOUR_MS);
    const counts = {
      ...run.counts,
      refused: 0,
      unchanged: 0,
      notReady: 0,
      ignored: 0,
      failed: chance.odds(0.05) ? 1 : 0,
    };
    const isDay = startedAt.getUTCHours() > 12;
    const [saved, held] = isDay ? [chance.int(1, 9), chance.odds(0.3) ? 1 : 0] : [chance.int(0, 2), 0];
    const due = saved + held + counts.failed;
    const incomplete = instance === 'cedar-grove' && hoursAgo === 20;
    return {
      ...run,
      _id: `${run._id}-${hoursAgo}`,
      mode: 'incremental' as const,
      ...{ startedAt, endedAt: new Date(startedAt.getTime() + 1_000 + due * 170), cursor: startedAt },
      counts: { ...counts, listed: due + chance.int(20, 40), due, saved, held, kipuCalls: due + 1 },
      ...(incomplete
        ? {
            status: 'incomplete' as const,
            fault: { code: 'unavailable', text: 'KIPU is down or overloaded (GET /api/patients/latest, 503)' },
          }
        : {}),
    };
  });
}

/** Moves the start of each hold to some hours after the discharge. */
async function ageHolds({ collections: { records } }: Store): Promise<void> {
  const held = await records.find({ status: 'held' }).toArray();
  for (const [index, { _id, hold, chart }] of held.entries()) {
    if (hold === null) continue;
    const discharged = Date.parse(chart?.dischargeDate ?? '');
    const since = new Date(discharged + (1 + (index % 9)) * HOUR_MS);
    if (!(since < hold.since)) continue;
    const lastHold = { reason: hold.reason, since };
    const createdAt = new Date(since.getTime() - 9 * DAY_MS);
    await records.updateOne({ _id }, { $set: { 'hold.since': since, lastHold, createdAt } });
  }
}
