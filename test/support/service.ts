import type { Client } from '@temporalio/client';
import { afterAll } from 'vitest';
import type { ActivityContext } from '../../activities/context.ts';
import { connectClient } from '../../client/connect.ts';
import { ensureSchedule, pauseSchedule, triggerRun } from '../../client/schedules.ts';
import { requestUnlock } from '../../client/unlock.ts';
import { knownRuns, waitForRuns } from '../../client/waitForRuns.ts';
import type { Instance } from '../../config/instances.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { DEFAULT_DIGEST, type Digest } from '../../kipu/index.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { type Service, startService } from '../../worker/service.ts';
import { enforceRole, grantRole, type Refused } from './databaseRole.ts';
import { environmentForTests } from './environment.ts';
import { FOREIGN_MONGO, mongoServer, newDatabaseName } from './mongoServer.ts';
import { stopAtEnd } from './servers.ts';
import { temporalServer } from './temporalServer.ts';

/** The longest wait for a run: at the top level of a file, no test timeout applies. */
const RUN_MS = 60_000;

export interface ServiceForTests {
  standIn?: StandInOptions;
  /** Lock policies by instance; default `never`. */
  policies?: Record<string, LockPolicy>;
  /** Digests by instance; default: the default of the settings. */
  digests?: Record<string, Digest>;
  /** Whether the settings of the worker name no instance; default: they name all of the stand-in. */
  withoutInstances?: boolean;
  /** Settings as environment variables. */
  env?: Record<string, string>;
  /** The timeout of a KIPU call in milliseconds; environment variables have whole seconds only. */
  kipuTimeoutMs?: number;
  /** What the worker, and whatever connects to `mongo`, may do in MongoDB. `store` may do everything. */
  role?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether MongoDB accepts `configureFailPoint`. */
  testCommands?: boolean;
  /** Whether Temporal deletes workflows within seconds. By default it waits up to 30 for the checkpoints of its queues. */
  deletesAtOnce?: boolean;
}

const DELETES_AT_ONCE = ['visibility', 'transfer', 'timer'].map(
  (queue) => `history.${queue}ProcessorUpdateAckInterval="1s"`,
);

/** The servers, the worker, and functions that use them. */
export interface TestService {
  standIn: StandIn;
  mongo: { uri: string };
  /** Connects without the role. */
  adminUri: string;
  /** The commands that the role refused. */
  refused: Refused[];
  temporal: TemporalSettings;
  settings: Settings;
  instances: Instance[];
  store: Store;
  client: Client;
  worker: Service;
  /** What activities depend on, with the store of the tests; it has no instance. */
  context: ActivityContext;
  /** The lines of the log. */
  logged: string[];
  /** Triggers the instance's schedule and returns its run when that has ended. */
  run(instance: string): Promise<RunDocument>;
  /** Does the same with a full run. */
  fullRun(instance: string): Promise<RunDocument>;
  /** Requests the unlock as the page does. */
  unlock(record: RecordDocument, person?: { account?: string; name?: string; why?: string }): Promise<void>;
  /** Returns the chart's record. Throws if there is none. */
  record(instance: string, casefileId: string): Promise<RecordDocument>;
  referral(instance: string, casefileId: string): Promise<ReferralDocument | null>;
}

/**
 * Starts Temporal, MongoDB, the KIPU stand-in and a worker in this process, with temporary data, and stops them after the
 * file's tests. Await it once at the top level of a file, outside of hooks.
 */
export async function serviceForTests(options: ServiceForTests = {}): Promise<TestService> {
  const starting = [
    temporalServer(options.deletesAtOnce === true ? DELETES_AT_ONCE : []),
    mongoServer({ testCommands: options.testCommands ?? false }),
    startStandIn(options.standIn).then((standIn) => ({ ...standIn, stop: standIn.close })),
  ] as const;
  for (const server of starting) stopAtEnd(server);
  const [{ stop: _, ...temporal }, { uri: adminUri }, standIn] = await Promise.all(starting);
  const settings = settingsFor(options);
  const limit = process.env[FOREIGN_MONGO] === undefined ? enforceRole : grantRole;
  const limited = options.role === undefined ? null : await limit(adminUri, options.role, settings.mongo.database);
  if (limited !== null) afterAll(() => limited.stop());
  const mongo = { uri: limited?.uri ?? adminUri };
  const instances = options.withoutInstances === true ? [] : instancesOf(standIn, options);

  const store = openStore({ ...settings.mongo, uri: adminUri });
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

  const context: ActivityContext = {
    ...{ store, instances: new Map(), workflows: client.workflow, taskQueue: settings.taskQueue, runs: settings.runs },
    ...{ noticeUrl: settings.noticeUrl, unlockByHand: settings.unlockByHand, now: () => new Date() },
  };

  const scheduled = new Set<string>();
  const run = async (instance: string) => {
    if (!scheduled.has(instance)) {
      await ensureSchedule(client, instance, settings.taskQueue, settings.schedule);
      // Only the test starts runs: a paused schedule can still be triggered.
      await pauseSchedule(client, instance, true);
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
    ...{ adminUri, refused: limited?.refused ?? [] },
    ...{ standIn, mongo, temporal, settings, instances, store, client, worker, logged, run, record, context },
    async fullRun(instance) {
      await store.instances.requestFull(instance, new Date());
      return run(instance);
    },
    async unlock(held, { account = 'rvale', name = 'Robin Vale', why = 'discharge checked' } = {}) {
      const parts = { store, client, taskQueue: settings.taskQueue };
      const viewer = { who: account, from: '192.0.2.7' };
      const { sent } = await requestUnlock(parts, held, { viewer, name, why });
      if (!sent) throw new Error('it was not sent');
    },
    referral: async (instance, casefileId) => store.referrals.get((await record(instance, casefileId))._id),
  };
}

/** Returns settings for a test: little logging, short timeouts, and the nightly full run half a day away. */
function settingsFor({ env = {}, kipuTimeoutMs }: Pick<ServiceForTests, 'env' | 'kipuTimeoutMs'>): Settings {
  const settings = readSettings({ ...environmentForTests(), MONGODB_DATABASE: newDatabaseName(), ...env });
  return kipuTimeoutMs === undefined ? settings : { ...settings, kipu: { ...settings.kipu, timeoutMs: kipuTimeoutMs } };
}

/** Returns the stand-in's instances as settings name them, without their time zones: tests read dates in UTC. */
function instancesOf(standIn: StandIn, { policies = {}, digests = {} }: ServiceForTests): Instance[] {
  return standIn.instances.map(({ timeZone: _, ...credentials }) => ({
    ...credentials,
    digest: digests[credentials.name] ?? DEFAULT_DIGEST,
    baseUrl: standIn.url,
    lockPolicy: policies[credentials.name] ?? 'never',
  }));
}
