import type { Client } from '@temporalio/client';
import { afterAll } from 'vitest';
import { connectClient } from '../../client/connect.ts';
import { requestUnlock } from '../../client/requestUnlock.ts';
import { ensureSchedule, pauseSchedule, triggerRun } from '../../client/schedules.ts';
import { knownRuns, waitForRuns } from '../../client/waitForRuns.ts';
import type { Instance } from '../../config/instances.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { type MongoServer, startMongo } from '../../dev/servers/mongo.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { DEFAULT_DIGEST } from '../../kipu/index.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { type Service, startService } from '../../worker/service.ts';
import type { UnlockRequest } from '../../workflows/messages.ts';
import { stopAtEnd } from './servers.ts';

/** Nothing else ends the wait for a run at the top level of a file. */
const RUN_MS = 60_000;

export interface ServiceForTests {
  standIn?: StandInOptions;
  /** Lock policies by instance; `never` where none is named. */
  policies?: Record<string, LockPolicy>;
  /** Settings as the environment would give them. */
  env?: Record<string, string>;
  /** How long a call to KIPU may take, in milliseconds; the environment knows whole seconds only. */
  kipuTimeoutMs?: number;
  /** MongoDB takes `configureFailPoint`. */
  testCommands?: boolean;
}

/** The servers, the worker and the ways to use them. */
export interface TestService {
  standIn: StandIn;
  mongo: MongoServer;
  temporal: TemporalSettings;
  settings: Settings;
  instances: Instance[];
  store: Store;
  client: Client;
  worker: Service;
  /** Whatever was logged, a line each. */
  logged: string[];
  /** Triggers the instance's schedule and gives the run that follows, when it has ended. */
  run(instance: string): Promise<RunDocument>;
  /** The same, and the run is a full one. */
  fullRun(instance: string): Promise<RunDocument>;
  unlock(record: RecordDocument, request?: UnlockRequest): Promise<void>;
  /** The chart's record. Throws where there is none. */
  record(instance: string, casefileId: string): Promise<RecordDocument>;
  referral(instance: string, casefileId: string): Promise<ReferralDocument | null>;
}

/**
 * Starts Temporal, MongoDB, KIPU's stand-in and a worker in this process, all on throw-away data. To be awaited at the top
 * level of a file, once, outside of any hook: everything is stopped when the file's tests have ended.
 */
export async function serviceForTests(options: ServiceForTests = {}): Promise<TestService> {
  const starting = [
    startTemporal({ uiPort: false }),
    startMongo({ storagePath: ':memory:', testCommands: options.testCommands ?? false }),
    startStandIn(options.standIn).then((standIn) => ({ ...standIn, stop: standIn.close })),
  ] as const;
  for (const server of starting) stopAtEnd(server);
  const [temporalServer, mongo, standIn] = await Promise.all(starting);
  const temporal = temporalAt(temporalServer.address);
  const settings = settingsFor(options);
  const instances = instancesOf(standIn, options.policies ?? {});

  const store = openStore({ uri: mongo.uri, database: settings.mongo.database });
  afterAll(() => store.close());
  await store.setUp();
  const client = await connectClient(temporal);
  afterAll(() => client.connection.close());
  const logged: string[] = [];
  const logger = createLogger(settings.worker.logLevel, { write: (line) => void logged.push(line) });
  const worker = await startService(
    { settings, temporal, mongoUri: mongo.uri, instances, logger },
    new AbortController().signal,
  );
  afterAll(() => worker.stop());

  const scheduled = new Set<string>();
  const run = async (instance: string) => {
    if (!scheduled.has(instance)) {
      await ensureSchedule(client, instance, settings.taskQueue, settings.schedule);
      // Only the test starts runs; a trigger works all the same.
      await pauseSchedule(client, instance, true, 'a test');
      scheduled.add(instance);
    }
    const known = await knownRuns(store, [instance]);
    await triggerRun(client, instance);
    const signal = AbortSignal.timeout(RUN_MS);
    const [ended] = await waitForRuns(store, known, [instance], undefined, {
      startWithinMs: 20_000,
      pollMs: 40,
      signal,
    });
    if (ended === undefined) throw new Error('no run');
    return ended;
  };
  const record = async (instance: string, casefileId: string) => {
    const [found] = await store.records.ofCharts(instance, [casefileId]);
    if (found === undefined) throw new Error('the chart has no record');
    return found;
  };
  return {
    ...{ standIn, mongo, temporal, settings, instances, store, client, worker, logged, run, record },
    async fullRun(instance) {
      await store.instances.requestFull(instance, new Date());
      return run(instance);
    },
    async unlock(held, request = { by: 'Robin Vale', why: 'discharge checked' }) {
      const parts = { store, client, taskQueue: settings.taskQueue };
      if (!(await requestUnlock(parts, held, { ...request, account: 'rvale' }))) throw new Error('it was not sent');
    },
    referral: async (instance, casefileId) => store.referrals.get((await record(instance, casefileId))._id),
  };
}

export function temporalAt(address: string): TemporalSettings {
  return { address, namespace: 'default', connection: { address } };
}

/** Settings for a test: quiet, quick, and with the nightly full run half a day away. */
export function settingsFor({ env = {}, kipuTimeoutMs }: Pick<ServiceForTests, 'env' | 'kipuTimeoutMs'>): Settings {
  const settings = readSettings({ ...environmentForTests(), ...env });
  return kipuTimeoutMs === undefined ? settings : { ...settings, kipu: { ...settings.kipu, timeoutMs: kipuTimeoutMs } };
}

/** The same as the environment of another process. */
export function environmentForTests(): Record<string, string> {
  return {
    LOG_LEVEL: 'error',
    SHUTDOWN_GRACE_SECONDS: '2',
    KIPU_CALLS_PER_SECOND: '1000',
    SYNC_FULL_RUN_HOUR: String((new Date().getUTCHours() + 12) % 24),
  };
}

/** The stand-in's instances as settings would name them. */
export function instancesOf(standIn: StandIn, policies: Record<string, LockPolicy>): Instance[] {
  return standIn.instances.map((credentials) => ({
    digest: DEFAULT_DIGEST,
    ...credentials,
    baseUrl: standIn.url,
    lockPolicy: policies[credentials.name] ?? 'never',
  }));
}
