import { connectClient } from '../client/connect.ts';
import { ensureSearchAttributes } from '../client/provision.ts';
import { ensureSchedule, pauseSchedule, triggerRun } from '../client/schedules.ts';
import { knownRuns, waitForRuns } from '../client/waitForRuns.ts';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { startMongo } from '../dev/servers/mongo.ts';
import { startTemporal } from '../dev/servers/temporal.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { DEFAULT_DIGEST } from '../kipu/index.ts';
import { openStore } from '../store/connect.ts';
import { startService } from '../worker/service.ts';

/*
 * How many requests to KIPU a run makes, and how long it takes, when a thousand charts changed: once where rows of the
 * census carry charts and once where they do not. Run it by `npx tsx bench/requests.ts [charts]`.
 */

const CHARTS = Number(process.argv[2] ?? 1_000);
const ROWS = { 'rows-carry-charts': 'chart', 'rows-are-plain': 'plain' } as const;

const settings = readSettings({ LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000' });
const logger = createLogger('error');
const stops: (() => Promise<void>)[] = [];

try {
  const temporalServer = await started(startTemporal({ uiPort: false }));
  const mongo = await started(startMongo({ storagePath: ':memory:' }));
  const standIn = await startStandIn({ instances: Object.keys(ROWS).map((name) => ({ name, charts: 0 })) });
  stops.push(() => standIn.close());
  const address = temporalServer.address;
  const temporal = { address, namespace: 'default', connection: { address } };
  const instances = standIn.instances.map((credentials) => ({
    ...{ digest: DEFAULT_DIGEST, ...credentials },
    ...{ baseUrl: standIn.url, lockPolicy: 'never' as const },
  }));
  const store = openStore({ ...settings.mongo, uri: mongo.uri });
  stops.push(() => store.close());
  await store.setUp();
  const client = await connectClient(temporal);
  stops.push(() => client.connection.close());
  await ensureSearchAttributes(client);
  await started(
    startService({ settings, temporal, mongoUri: mongo.uri, instances, logger }, new AbortController().signal),
  );

  for (const [name, rows] of Object.entries(ROWS)) {
    standIn.configure({ instances: { [name]: { rows } } });
    const ids = Array.from({ length: CHARTS }, () => standIn.add(name).casefileId);
    await ensureSchedule(client, name, settings.taskQueue, settings.schedule);
    await pauseSchedule(client, name, true);
    await measure(name, 'first run');
    for (const id of ids) standIn.edit(name, id, { discharge_or_transition_name: 'Amber House' });
    await measure(name, `${CHARTS} charts edited`);
    await measure(name, 'nothing edited');
  }

  async function measure(name: string, what: string): Promise<void> {
    const known = await knownRuns(store, [name]);
    await triggerRun(client, name);
    const [run] = await waitForRuns(store, known, [name]);
    if (run === undefined || run.endedAt === null) throw new Error('The run did not end.');
    const { status, mode, counts, startedAt, endedAt } = run;
    const seconds = (endedAt.getTime() - startedAt.getTime()) / 1_000;
    const figures = { due: counts.due, saved: counts.saved, requests: counts.kipuCalls, seconds };
    process.stdout.write(`${JSON.stringify({ instance: name, what, mode, status, ...figures })}\n`);
  }
} finally {
  for (const stop of stops.reverse()) await stop();
}

async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  stops.push(() => server.stop());
  return server;
}
