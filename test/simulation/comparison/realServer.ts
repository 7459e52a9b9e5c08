import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { failureInterceptor } from '../../../activities/classifyError.ts';
import type { ActivityContext } from '../../../activities/context.ts';
import { createKipuActivities, createStoreActivities } from '../../../activities/index.ts';
import { SEARCH_ATTRIBUTES } from '../../../client/provision.ts';
import { findProgram } from '../../../dev/servers/programs.ts';
import { storeOf } from '../../../store/connect.ts';
import { kipuTaskQueue } from '../../../workflows/messages.ts';
import { MemoryDatabase } from '../memoryMongo.ts';
import { Operations } from '../operations.ts';
import { AUDIT_KEYS } from '../processes.ts';
import { Scheduler } from '../scheduler.ts';

type Activity = (...given: unknown[]) => Promise<unknown>;

/** The activities of the plan that runs now. */
export interface Activities {
  run(type: string, given: unknown[], activity: Activity): Promise<unknown>;
  of: Record<string, Activity>;
}

export type RealServer = Awaited<ReturnType<typeof startRealServer>>;

/** The task queues: of workflows as they are, and of those with short histories. */
export const QUEUES = { long: 'compared', short: 'compared-short' } as const;

/** How long workers may take to stop; one whose server stands still takes longer. */
const STOP_MS = 5_000;

/** Temporal's time-skipping server with workers for the activities of one plan after the other. */
export async function startRealServer() {
  installRuntime();
  const server = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findProgram('temporal-test-server').path } },
  });
  await server.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES),
  });
  // The environment's own client skips years of time while it waits for a result.
  const client = new Client({ connection: server.connection, namespace: 'default' });
  let current: Activities | null = null;
  const inFlight: string[] = [];
  // For the names of the activities alone.
  const store = storeOf(new MemoryDatabase(new Operations(new Scheduler(0, 0))) as never, AUDIT_KEYS);
  const named = (create: (context: ActivityContext) => object) =>
    Object.fromEntries(
      Object.keys(create({ store } as never)).map((type) => [
        type,
        async (...given: unknown[]) => {
          const activity = current?.of[type];
          if (activity === undefined) throw new Error(`no plan runs now, but ${type}`);
          inFlight.push(type);
          try {
            return await current?.run(type, given, activity);
          } finally {
            inFlight.splice(inFlight.indexOf(type), 1);
          }
        },
      ]),
    );
  const activities = { store: named(createStoreActivities), kipu: named(createKipuActivities) };
  const common = { connection: server.nativeConnection, interceptors: { activity: [failureInterceptor] } };
  const workers: Worker[] = [];
  for (const [taskQueue, file] of [
    [QUEUES.long, '../../../workflows/index.ts'],
    [QUEUES.short, './shortWorkflows.ts'],
  ] as const) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL(file, import.meta.url)),
      payloadConverterPath: fileURLToPath(new URL('../../../workflows/payloadConverter.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    const ofStore = { ...common, taskQueue, workflowBundle: { code }, activities: activities.store };
    workers.push(await Worker.create(ofStore));
    workers.push(await Worker.create({ ...common, taskQueue: kipuTaskQueue(taskQueue), activities: activities.kipu }));
  }
  const done = workers.map((worker) => worker.run());

  return {
    client,
    now: () => server.currentTimeMs(),
    sleep: (ms: number) => server.sleep(ms),
    /** Takes one lock of the server's clock away. */
    unlockTime: () => server.connection.testService?.unlockTimeSkipping({}),
    /** Returns the activities in progress. */
    inFlight: (): readonly string[] => inFlight,
    /** Sets whose activities run from now on. */
    use(activitiesOfPlan: Activities | null): void {
      current = activitiesOfPlan;
    },
    async stop(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await Promise.race([Promise.all(done), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
      await server.teardown();
    },
  };
}

let isInstalled = false;

function installRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  const logger = new DefaultLogger('ERROR', ({ message, meta }) => {
    // Activities log the faults of the plan.
    if (meta?.sdkComponent !== 'activity') console.error(message, meta);
  });
  Runtime.install({ logger, telemetryOptions: { logging } });
}
