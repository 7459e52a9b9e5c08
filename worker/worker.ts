import { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkerOptions as SdkOptions,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { failureInterceptor } from '../activities/classifyError.ts';
import type { ActivityContext } from '../activities/context.ts';
import { createKipuActivities, createStoreActivities } from '../activities/index.ts';
import type { WorkerVersion } from '../config/workerVersion.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { kipuTaskQueue } from '../workflows/messages.ts';

export interface WorkerOptions {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  bundle: WorkflowBundleOption;
  /** Awaited before the worker polls. */
  beforePolling?: Promise<unknown> | undefined;
  /** How long running activities may take to finish when the worker stops, in seconds. */
  graceSeconds: number;
  /** Its version in Temporal's Worker Versioning; null or absent where it takes all work. */
  deployment?: WorkerVersion | null;
  context: Omit<ActivityContext, 'workflows' | 'taskQueue'>;
  /** Called around the interceptor that classifies failures. */
  outerInterceptors?: ActivityInterceptorsFactory[];
  /** With it, the bundle must be the traced one. */
  tracing?: Tracing | null;
}

/** A running worker. It has two halves: one for workflows and the store, one for the calls to KIPU. */
export interface RunningWorker {
  /** True while both halves poll. */
  polls(): boolean;
  /** Resolves when it has stopped; rejects if a half failed. */
  done: Promise<void>;
  /** Stops polling, lets running activities finish within the grace time, and resolves when all have ended. */
  stop(): Promise<void>;
}

/** Starts polling both task queues. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { connection, namespace, taskQueue, bundle, graceSeconds, outerInterceptors = [], tracing = null } = options;
  const client = new Client({ connection, namespace, interceptors: { workflow: tracing?.client ?? [] } });
  const context: ActivityContext = { ...options.context, workflows: client.workflow, taskQueue };
  const common = {
    connection,
    namespace,
    shutdownGraceTime: graceSeconds * 1_000,
    shutdownForceTime: (graceSeconds + 5) * 1_000,
    ...versioning(options.deployment ?? null),
    interceptors: {
      activity: [...(tracing === null ? [] : [tracing.worker.activity]), ...outerInterceptors, failureInterceptor],
    },
    ...(tracing === null ? {} : { sinks: tracing.worker.sinks }),
  };
  const halves = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      workflowBundle: bundle,
      activities: createStoreActivities(context),
      maxCachedWorkflows: 100,
    }),
    Worker.create({ ...common, taskQueue: kipuTaskQueue(taskQueue), activities: createKipuActivities(context) }),
  ]);
  try {
    await options.beforePolling;
  } catch (error) {
    // A worker that never ran could not be released, and its connection not be closed.
    const ends = halves.map((half) => half.run());
    stopAll(halves);
    await Promise.allSettled(ends);
    throw error;
  }
  const runs = halves.map((half) => half.run());
  const done = Promise.all(runs).then(() => undefined);
  // One half alone is useless. The failure itself is reported to the caller who awaits `done`.
  done.catch(() => stopAll(halves));
  return {
    polls: () => halves.every((half) => half.getState() === 'RUNNING'),
    done,
    async stop() {
      stopAll(halves);
      await Promise.allSettled(runs);
    },
  };
}

/** Both halves have the version: what a run does in KIPU stays with its version too. Each workflow says itself how it moves. */
function versioning(version: WorkerOptions['deployment']): Pick<SdkOptions, 'workerDeploymentOptions'> {
  if (version == null) return {};
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } };
}

function stopAll(halves: readonly Worker[]): void {
  for (const half of halves) if (half.getState() === 'RUNNING') half.shutdown();
}

const ACTIVITY_QUEUE = 2;

/**
 * Limits the activities per second that call an instance's KIPU, on the server: what is above the limit of requests waits there
 * and not in a worker. A server without fairness does not support it, and the log says so.
 */
export async function limitCalls(
  connection: NativeConnection,
  where: { namespace: string; taskQueue: string },
  callsPerSecond: number,
  logger: Logger,
): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.updateTaskQueueConfig({
        namespace: where.namespace,
        taskQueue: kipuTaskQueue(where.taskQueue),
        taskQueueType: ACTIVITY_QUEUE,
        updateFairnessKeyRateLimitDefault: {
          rateLimit: { requestsPerSecond: callsPerSecond },
          reason: 'calls per second to one KIPU instance',
        },
      }),
    );
  } catch {
    logger.warn({ callsPerSecond }, 'this Temporal server has no fairness: a burst of one instance can delay another');
  }
}
