import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { forEachConcurrently } from '../client/unlock.ts';
import { readSettings } from '../config/settings.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { patientStart } from '../workflows/messages.ts';
import { countHistories } from './histories.ts';
import { INSTANCE } from './measure.ts';
import { instancesOf, nothingStarted, runOnce, scheduleRuns, startServers } from './parts.ts';
import { startMeasured, usageOf } from './processes.ts';

/*
 * Measures what waiting records cost: `npx tsx bench/holds.ts`. Starts a worker, then as many workflows of
 * held records, each with its record in MongoDB, and measures how much processor time and memory the processes use while nothing
 * happens, and what an hourly run does about them.
 */

const { values } = parseArgs({
  options: { holds: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '60' } },
});
const [HOLDS, SECONDS] = [Number(values.holds), Number(values.seconds)];
const AT_ONCE = 50;
const PAGE = 250;
const env = { LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000' };
const settings = readSettings(env);
const started = nothingStarted();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 1 }] });
  started.atEnd(() => standIn.close());
  const servers = await startServers(started, settings, true);
  const { client, store, temporal, mongoUri, pids } = servers;
  const [instance] = instancesOf(standIn);
  if (instance === undefined) throw new Error('the stand-in has no instance');
  const child = await started.add(startMeasured(null));
  await child.ask({ do: 'service', env, instance, temporal, mongoUri });
  await scheduleRuns(servers, INSTANCE, settings);
  await runOnce(servers, INSTANCE);
  const worker = async () => {
    const { cpuSeconds, peakMb, rssMb } = await child.ask({ do: 'usage' });
    return { cpuSeconds, peakMb, rssMb };
  };
  const before = await worker();

  const now = new Date();
  const rows = Array.from({ length: HOLDS }, (_, place) => {
    const masterId = `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;
    return { casefileId: `${place + 1}:${masterId}`, masterId, lastUpdatedAt: null };
  });
  const ids: string[] = [];
  const hold = { reason: 'policy-always', since: now, reminders: 0, changesWaiting: 0 } as const;
  for (let first = 0; first < HOLDS; first += PAGE) {
    const { due } = await store.records.upsertListed(INSTANCE, rows.slice(first, first + PAGE), now);
    await store.collections.records.updateMany(
      { _id: { $in: due } },
      { $set: { status: 'held', hold, pending: false } },
    );
    ids.push(...due);
  }
  const startedAt = performance.now();
  await forEachConcurrently(ids, AT_ONCE, async (_id) => {
    const start = patientStart({ _id, instance: INSTANCE }, settings.taskQueue, {
      reason: 'policy-always',
      reminders: 0,
    });
    await client.workflow.start('patientWorkflow', start);
  });
  const startSeconds = (performance.now() - startedAt) / 1_000;
  // The worker has handled all of them when none has a workflow task left.
  let used = (await worker()).cpuSeconds;
  for (let last = 0; used - last > 0.05; ) {
    last = used;
    await sleep(3_000);
    used = (await worker()).cpuSeconds;
  }

  const from = { worker: await worker(), temporal: usageOf(pids.temporal), mongo: usageOf(pids.mongo) };
  await sleep(SECONDS * 1_000);
  const to = { worker: await worker(), temporal: usageOf(pids.temporal), mongo: usageOf(pids.mongo) };
  const share = (name: keyof typeof from) =>
    (((to[name]?.cpuSeconds ?? Number.NaN) - (from[name]?.cpuSeconds ?? Number.NaN)) / SECONDS) * 100;
  const run = await runOnce(servers, INSTANCE);
  const histories = await countHistories(client, { workflowId: run.workflowId, runId: run._id });
  const figures = {
    holds: HOLDS,
    startedPerSecond: HOLDS / startSeconds,
    idlePercentOfACore: { worker: share('worker'), temporal: share('temporal'), mongo: share('mongo') },
    workerMb: { before: before.rssMb, after: to.worker.rssMb, peak: to.worker.peakMb },
    mb: { temporal: to.temporal?.peakMb, mongo: to.mongo?.peakMb },
    nextRun: { seconds: run.seconds, actions: histories.actions, kipuCalls: run.counts.kipuCalls },
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await started.stop();
}
