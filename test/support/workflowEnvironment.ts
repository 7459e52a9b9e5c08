import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { failureInterceptor } from '../../activities/failureInterceptor.ts';
import { findProgram } from '../../dev/servers/programs.ts';
import { kipuTaskQueue } from '../../workflows/messages.ts';
import { executionsFrom, type Recorded } from './histories.ts';
import { type Script, scriptedSteps } from './scriptedActivities.ts';
import { starts } from './startWorkflows.ts';
import { waitUntil } from './waitUntil.ts';

const NAMESPACE = 'default';
const TASK_QUEUE = 'kipu-referrals';
/** Stands in histories, where a process would tell the machine's name. */
const IDENTITY = 'rig';
/** Types of search attributes, by Temporal's numbers. */
const KEYWORD = 2;
const BOOL = 5;

export type Rig = Awaited<ReturnType<typeof openRig>>;

/**
 * The real workflows on the time-skipping server, with scripted steps behind the real failure map. Time is
 * skipped for all workflows at once, so one story runs at a time.
 */
export async function openRig(workflowBundle: WorkflowBundleOption) {
  quieten();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findProgram('temporal-test-server').path } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: NAMESPACE,
    searchAttributes: { Instance: KEYWORD, Hold: BOOL },
  });
  const started: { workflowId: string; runId: string }[] = [];
  // The environment's own client skips years of time while it waits for a result.
  const client = new Client({
    connection: env.connection,
    namespace: NAMESPACE,
    identity: IDENTITY,
    interceptors: { workflow: [remember(started)] },
  });
  const steps = scriptedSteps(() => env.currentTimeMs());
  const common = {
    connection: env.nativeConnection,
    identity: IDENTITY,
    interceptors: { activity: [failureInterceptor] },
  };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle, activities: steps.store }),
    Worker.create({ ...common, taskQueue: kipuTaskQueue(TASK_QUEUE), activities: steps.kipu }),
  ]);
  const done = workers.map((worker) => worker.run());
  const start = starts(client, TASK_QUEUE);

  return {
    ...start,
    client,
    steps,
    /** The server's time, in milliseconds. */
    now: () => env.currentTimeMs(),
    /** Lets so much time pass on the server. Nothing else skips time; a step at work holds it up. */
    sleep: env.sleep,

    /** Lets time pass until `holds` gives true: retries run out, timers go off. */
    passUntil: (what: string, holds: () => boolean) =>
      waitUntil(what, async () => {
        if (holds()) return true;
        await env.sleep('5 minutes');
        return holds();
      }).catch((error: unknown) => {
        throw new Error(`${error} The steps were asked: ${steps.journal().join(', ')}`);
      }),

    /** Scripts the steps and starts a patient; it stands before the gate when this resolves. */
    async startGated(script: Script, recordId: string, gate: string) {
      steps.script(script);
      steps.gates.shut(gate);
      const patient = await start.startPatient(recordId);
      await steps.gates.reached(gate);
      return patient;
    },

    /** What the story has begun so far: workflows, their children, and what they continued as. */
    executions: () => executionsFrom(client, started),

    /** Ends the story: whatever still runs is terminated, nothing of the script is left. Gives what there was. */
    async finish(): Promise<Recorded[]> {
      const executions = await executionsFrom(client, started.splice(0));
      for (const { workflowId, runId } of executions.filter(({ open }) => open)) {
        const execution = client.workflow.getHandle(workflowId, runId);
        // One that ended since then needs no end.
        await execution.terminate().catch(() => undefined);
      }
      steps.reset();
      return executions;
    },

    async stop(): Promise<void> {
      steps.reset();
      for (const worker of workers) worker.shutdown();
      await Promise.all(done);
      await env.teardown();
    },
  };
}

let quiet = false;

/** Keeps to itself what fails on purpose. */
function quieten(): void {
  if (quiet) return;
  quiet = true;
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
}

/** Remembers whatever the client starts. */
function remember(started: { workflowId: string; runId: string }[]): WorkflowClientInterceptor {
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
