import { setTimeout as sleepReally } from 'node:timers/promises';
import { patientWorkflow, syncWorkflow } from '../../../workflows/index.ts';
import { kipuTaskQueue } from '../../../workflows/messages.ts';
import { scriptedActivities } from '../../support/scriptedActivities.ts';
import { gatedStart, workflowStarters } from '../../support/startWorkflows.ts';
import { waitUntil } from '../../support/waitUntil.ts';
import type { WorkflowEnvironment } from '../../support/workflowEnvironment.ts';
import { runInContext } from '../activityContext.ts';
import { runningExecution } from '../execution.ts';
import { Operations } from '../operations.ts';
import { Scheduler } from '../scheduler.ts';
import { TemporalServer } from '../temporalServer.ts';
import { inProcessClient } from './client.ts';

const TASK_QUEUE = 'in-process';
/** How much faster than the machine's clock time passes while no activity runs: retries and pauses are shorter then. */
const SPEED = 5;
const UNITS: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The environment of the workflow tests in this process, so that mutation tests and coverage see the workflows. */
export function startInProcessEnvironment(): WorkflowEnvironment & { problems: string[] } {
  const scheduler = new SteadyScheduler(1, Date.now());
  const server = new TemporalServer(new Operations(scheduler), TASK_QUEUE);
  const problems: string[] = [];
  server.workflows = { patientWorkflow, syncWorkflow } as never;
  server.suggestContinueAsNewAt = Number.POSITIVE_INFINITY;
  server.onProblem = (text) => void problems.push(text);
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    get: (target, name) =>
      name === 'now' && runningExecution.getStore() !== undefined ? () => scheduler.now : Reflect.get(target, name),
  });
  const activities = scriptedActivities(async () => scheduler.now);
  const byQueue: Record<string, object> = {
    [TASK_QUEUE]: activities.store,
    [kipuTaskQueue(TASK_QUEUE)]: activities.kipu,
  };
  let inFlight = 0;
  server.workers = [
    {
      ...{ name: 'worker', isAlive: true, frozenUntil: 0, cutOffUntil: 0, skewMs: 0 },
      runActivity(type, given, info, onHeartbeat) {
        const activity = Reflect.get(byQueue[info.taskQueue] ?? {}, type) as (...all: unknown[]) => Promise<unknown>;
        inFlight += 1;
        const running = runInContext(() => activity(...given), {
          ...{ info, onHeartbeat, log: () => undefined, begin: (work) => void work() },
        });
        void running.ended.then(() => {
          inFlight -= 1;
        });
        return running;
      },
    },
  ];
  const client = inProcessClient(server, problems);
  const start = workflowStarters(client, TASK_QUEUE);
  let skipUntil = 0;
  let isStopped = false;
  const running = drive();

  async function drive(): Promise<void> {
    for (let before = performance.now(); !isStopped; ) {
      const isBusy = inFlight > 0;
      if (!isBusy && skipUntil > scheduler.now) {
        await scheduler.runUntil(Math.min(skipUntil, scheduler.nextAt() ?? skipUntil));
        before = performance.now();
        continue;
      }
      await sleepReally(1);
      const passed = performance.now() - before;
      before += passed;
      await scheduler.runUntil(scheduler.now + passed * (isBusy ? 1 : SPEED));
    }
  }

  async function sleep(duration: string | number): Promise<void> {
    const end = scheduler.now + msOf(duration);
    skipUntil = Math.max(skipUntil, end);
    await waitUntil('the time is skipped', () => scheduler.now >= end);
  }

  const environment = {
    ...{ ...start, client, activities, problems, sleep, now: async () => scheduler.now },
    sleepUntil: (what: string, holds: () => boolean) =>
      waitUntil(what, async () => {
        if (holds()) return true;
        await sleep('5 minutes');
        return holds();
      }),
    startGated: gatedStart(activities, start),
    executions: async () =>
      server.allRuns().map(({ workflowId, runId, status, events }) => ({
        ...{ workflowId, runId, open: status === 'RUNNING', history: { events } },
      })),
    async finish() {
      for (const execution of server.allRunning()) server.terminate(execution);
      activities.reset();
      return [];
    },
    async stop() {
      activities.reset();
      isStopped = true;
      await running;
      globalThis.Date = RealDate;
    },
  };
  return environment as never;
}

/** A scheduler on which every call takes a few milliseconds. */
class SteadyScheduler extends Scheduler {
  override latency(): number {
    return 2;
  }
}

function msOf(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  const [, count, unit = ''] = /^(\d+) (second|minute|hour|day)s?$/.exec(duration) ?? [];
  return Number(count) * (UNITS[unit] ?? Number.NaN);
}
