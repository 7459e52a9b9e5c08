import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readSettings } from '../config/settings.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { countHistories } from './histories.ts';
import { INSTANCE } from './measure.ts';
import { instancesOf, nothingStarted, runOnce, scheduleRuns, startServers } from './parts.ts';
import { startMeasured, usageOf } from './processes.ts';

/*
 * Measures what a large instance needs: `npx tsx bench/large.ts --charts 100000 --rows chart`. A first run of so many charts, and one
 * in which nothing changed. Prints the worker's memory while it runs, and the longest history. The servers store in memory.
 */

const { values } = parseArgs({
  options: { charts: { type: 'string', default: '100000' }, rows: { type: 'string', default: 'chart' } },
});
const CHARTS = Number(values.charts);
const env = { LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000' };
const REPORT_MS = 30_000;
const settings = readSettings(env);
const started = nothingStarted();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const rows = values.rows === 'chart' ? 'chart' : 'plain';
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }], settings: { all: { rows } } });
  started.atEnd(() => standIn.close());
  for (let chart = 0; chart < CHARTS; chart += 1) standIn.add(INSTANCE);
  const servers = await startServers(started, settings, false);
  const [instance] = instancesOf(standIn);
  if (instance === undefined) throw new Error('the stand-in has no instance');
  const child = await started.add(startMeasured(null));
  await child.ask({ do: 'service', env, instance, temporal: servers.temporal, mongoUri: servers.mongoUri });
  await scheduleRuns(servers, INSTANCE, settings);
  const atStart = (await child.ask({ do: 'usage' })).peakMb;
  for (const what of ['first run', 'nothing changed']) {
    standIn.calls.reset();
    let isOver = false;
    const reporting = report(() => isOver);
    const run = await runOnce(servers, INSTANCE).finally(() => {
      isOver = true;
    });
    await servers.client.workflow.getHandle(run.workflowId, run._id).result();
    await reporting;
    const { longest, events, actions, workflows } = await countHistories(servers.client, {
      ...{ workflowId: run.workflowId, runId: run._id },
    });
    const figures = {
      ...{ what, charts: CHARTS, seconds: Math.round(run.seconds), saved: run.counts.saved, due: run.counts.due },
      ...{ kipuCalls: standIn.calls.count(), workflows, events, actions, longestHistory: longest },
      workerMb: { atStart, peak: (await child.ask({ do: 'usage' })).peakMb },
      temporalMb: usageOf(servers.pids.temporal)?.peakMb,
      mongoMb: usageOf(servers.pids.mongo)?.peakMb,
      records: await servers.store.collections.records.countDocuments(),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }

  async function report(over: () => boolean): Promise<void> {
    for (let at = performance.now(); !over(); await sleep(1_000)) {
      if (performance.now() - at < REPORT_MS) continue;
      at = performance.now();
      const [records, { peakMb }] = await Promise.all([
        servers.store.collections.records.estimatedDocumentCount(),
        child.ask({ do: 'usage' }),
      ]);
      process.stderr.write(`${records} records, worker ${Math.round(peakMb)} MB at most\n`);
    }
  }
} finally {
  await started.stop();
}
