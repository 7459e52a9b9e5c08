import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { startStandIn, webhooksTo } from '../dev/stand-in/index.ts';
import { startWeb } from '../web/server.ts';
import { startService } from '../worker/service.ts';
import { instancesOf, nothingStarted, startServers } from './parts.ts';

/*
 * Measures the time from an edit in KIPU to the stored referral, by webhook, without any run: everything on this machine,
 * with temporary data, one edit after the other, each when the workflow of the one before has ended. Run it with `npx tsx bench/webhookLatency.ts`.
 */

const EDITS = 50;
const WARM_UP = 5;
const POLL_MS = 2;
const REST_MS = 200;
const TIMEOUT_MS = 60_000;
const INSTANCE = 'north';
const SECRET = 'a-secret-of-the-benchmark';

const settings = readSettings({ LOG_LEVEL: 'error', WEB_ADDRESS: '127.0.0.1:0', KIPU_CALLS_PER_SECOND: '1000' });
const logger = createLogger('error');
const started = nothingStarted();

try {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  started.atEnd(() => standIn.close());
  const { temporal, mongoUri, store, client } = await startServers(started, settings, false);
  const instances = instancesOf(standIn).map((instance) => ({ ...instance, webhookSecrets: [SECRET] }));
  const parts = { settings, temporal, mongoUri, instances, logger };
  await started.add(startService(parts, new AbortController().signal));
  const web = await started.add(startWeb(parts));
  const plan = webhooksTo({ base: web.url, secret: SECRET, instances: [INSTANCE] });
  for (const webhook of ['patient-creation', 'chart-update'] as const) {
    standIn.webhooks.set(INSTANCE, webhook, plan[INSTANCE]?.[webhook] ?? {});
  }

  const { casefileId } = standIn.add(INSTANCE, { discharge_or_transition_name: 'Facility 0' });
  await untilStored('Facility 0');
  await untilAtRest();
  const times: number[] = [];
  for (let edit = 1; edit <= WARM_UP + EDITS; edit += 1) {
    const destination = `Facility ${edit}`;
    const begun = performance.now();
    standIn.edit(INSTANCE, casefileId, { discharge_or_transition_name: destination });
    await untilStored(destination);
    if (edit > WARM_UP) times.push(performance.now() - begun);
    await untilAtRest();
  }
  process.stdout.write(`${report(times)}\n`);

  /** The workflow of the edit before has ended: a change that comes sooner waits a second. */
  async function untilAtRest(): Promise<void> {
    const running = `WorkflowType = 'patientWorkflow' AND ExecutionStatus = 'Running'`;
    await sleep(REST_MS);
    while ((await client.workflow.count(running)).count > 0) await sleep(REST_MS);
  }

  async function untilStored(destination: string): Promise<void> {
    for (const end = performance.now() + TIMEOUT_MS; performance.now() < end; await sleep(POLL_MS)) {
      if ((await store.collections.referrals.findOne({ instance: INSTANCE }))?.destination === destination) return;
    }
    throw new Error('The referral was not stored within a minute.');
  }
} finally {
  await started.stop();
}

function report(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  const figures = { edits: sorted.length, minMs: at(0.001), medianMs: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
  return JSON.stringify(figures);
}
