import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Instance } from '../config/instances.ts';
import { readSettings } from '../config/settings.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { addDays, utcDay } from '../domain/time.ts';
import { KipuClient, type KipuPage } from '../kipu/index.ts';
import { SCHEMA_VERSION } from '../store/documents.ts';
import { newRecordId } from '../store/ids.ts';
import { countHistories } from './histories.ts';
import { INSTANCE } from './measure.ts';
import { instancesOf, nothingStarted, runOnce, type Servers, scheduleRuns, startServers } from './parts.ts';
import { startMeasured, usageOf } from './processes.ts';

/*
 * Measures what a large instance needs: `npx tsx bench/large.ts --charts 20000`. A first run of so many charts, and one in which
 * nothing changed. With `--stored` the records are there already, and of the second run `--changed` charts are edited before. Prints the
 * worker's memory while it runs, and the longest history. The servers store in memory.
 */

const { values } = parseArgs({
  options: {
    charts: { type: 'string', default: '20000' },
    rows: { type: 'string', default: 'plain' },
    stored: { type: 'boolean', default: false },
    changed: { type: 'string', default: '0' },
  },
});
const CHARTS = Number(values.charts);
const env = { LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000' };
const REPORT_MS = 30_000;
const PAGE = 250;
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
  if (values.stored) await store(servers, instance);
  const atStart = (await child.ask({ do: 'usage' })).peakMb;
  for (const what of [values.stored ? 'full run, nothing changed' : 'first run', 'next run']) {
    if (what === 'next run')
      for (const { casefileId } of standIn.charts(INSTANCE).slice(0, Number(values.changed)))
        standIn.edit(INSTANCE, casefileId, { discharge_or_transition_name: 'Amber House' });
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

/** Stores the charts as an earlier run would have left them: read, and as KIPU lists them. */
async function store({ store: { collections } }: Servers, instance: Instance): Promise<void> {
  const kipu = new KipuClient(instance);
  const now = new Date();
  const window = { startDay: utcDay(addDays(now, -1)), endDay: utcDay(addDays(now, 1)) };
  try {
    for (let page: number | null = 1; page !== null; ) {
      const { rows, next }: KipuPage = await kipu.latestPage({ ...window, page, per: PAGE });
      await collections.records.insertMany(
        rows.map(({ casefileId, masterId, lastUpdatedAt: version }) => ({
          ...{ _id: newRecordId(), schemaVersion: SCHEMA_VERSION, instance: INSTANCE, casefileId, masterId },
          ...{ status: 'synced', listedVersion: version, pulledVersion: version, chartVersion: version },
          ...{ pulledAt: now, pending: false, retryAt: null, chart: null, search: null, missing: [], hold: null },
          ...{ unlocked: null, failure: null, lastPull: null, rev: 1, createdAt: now, updatedAt: now },
        })),
        { ordered: false },
      );
      page = next;
    }
  } finally {
    await kipu.close();
  }
}
