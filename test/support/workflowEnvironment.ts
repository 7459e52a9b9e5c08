import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { failureInterceptor } from '../../activities/classifyError.ts';
import { SEARCH_ATTRIBUTES } from '../../client/provision.ts';
import { findProgram } from '../../dev/servers/programs.ts';
import { kipuTaskQueue } from '../../workflows/messages.ts';
import { executionsFrom, type RecordedExecution } from './histories.ts';
import { scriptedActivities } from './scriptedActivities.ts';
import { gatedStart, workflowStarters } from './startWorkflows.ts';
import { waitUntil } from './waitUntil.ts';

const NAMESPACE = 'default';
const TASK_QUEUE = 'kipu-referrals';
/** The worker's identity in histories; Temporal's default has the name of the machine. */
const IDENTITY = 'tests';

export type WorkflowEnvironment = Awaited<ReturnType<typeof startWorkflowEnvironment>>;

/**
 * Starts the time-skipping server and workers for the real workflows, with scripted activities behind the real failure
 * interceptor. The server skips time for all workflows at once, so one test runs at a time.
 */
export async function startWorkflowEnvironment(workflowBundle: WorkflowBundleOption) {
  silenceRuntime();
  const server = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findProgram('temporal-test-server').path } },
  });
  const started: { workflowId: string; runId: string }[] = [];
  await server.connection.operatorService.addSearchAttributes({
    namespace: NAMESPACE,
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES),
  });
  // The environment's own client skips years of time while it waits for a result.
  const client = new Client({
    connection: server.connection,
    namespace: NAMESPACE,
    identity: IDENTITY,
    interceptors: { workflow: [record(started)] },
  });
  const activities = scriptedActivities(() => server.currentTimeMs());
  const common = {
    connection: server.nativeConnection,
    identity: IDENTITY,
    interceptors: { activity: [failureInterceptor] },
  };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle, activities: activities.store }),
    Worker.create({ ...common, taskQueue: kipuTaskQueue(TASK_QUEUE), activities: activities.kipu }),
  ]);
  const done = workers.map((worker) => worker.run());
  const start = workflowStarters(client, TASK_QUEUE);

  return {
    ...start,
    client,
    activities,
    /** The server's time, in milliseconds. */
    now: () => server.currentTimeMs(),
    /** Skips time on the server. Nothing else skips time; a running activity delays it. */
    sleep: server.sleep,

    /** Skips time until `holds` returns true, so that retries run out and timers fire. */
    sleepUntil: (what: string, holds: () => boolean) =>
      waitUntil(what, async () => {
        if (holds()) return true;
        await server.sleep('5 minutes');
        return holds();
      }).catch((error: unknown) => {
        throw new Error(`${error} Activities: ${activities.journal().join(', ')}`);
      }),

    startGated: gatedStart(activities, start),

    /** Returns the executions of the test so far: workflows, their children, and what they continued as. */
    executions: () => executionsFrom(client, started),

    /** Ends a test: terminates open executions, resets the script, and returns the executions. */
    async finish(): Promise<RecordedExecution[]> {
      const executions = await executionsFrom(client, started.splice(0));
      for (const { workflowId, runId } of executions.filter(({ open }) => open)) {
        const execution = client.workflow.getHandle(workflowId, runId);
        // It may have ended since then.
        await execution.terminate().catch(() => undefined);
      }
      activities.reset();
      return executions;
    },

    async stop(): Promise<void> {
      activities.reset();
      for (const worker of workers) worker.shutdown();
      await Promise.all(done);
      await server.teardown();
    },
  };
}

let quiet = false;

/** Hides the log lines of failures that tests cause on purpose. */
function silenceRuntime(): void {
  if (quiet) return;
  quiet = true;
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
}

/** Records the executions that the client starts. */
function record(started: { workflowId: string; runId: string }[]): WorkflowClientInterceptor {
  return {
    async startWithDetails(input, next) {
      const output = await next(input);
      started.push({ workflowId: input.options.workflowId, runId: output.runId });
      return output;
    },
    async signalWithStart(input, next) {
      const runId = await next(input);
      started.push({ workflowId: input.options.workflowId, runId });
      return runId;
    },
  };
}
