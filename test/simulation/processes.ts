import { MongoError } from 'mongodb';
import type { ActivityContext } from '../../activities/context.ts';
import { createKipuActivities, createStoreActivities } from '../../activities/index.ts';
import { requestUnlock } from '../../client/unlock.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { KipuClient } from '../../kipu/index.ts';
import { type Store, storeOf } from '../../store/connect.ts';
import { type Dispatcher, startDispatcher } from '../../web/webhooks/dispatcher.ts';
import { signalChartChanged } from '../../web/webhooks/signal.ts';
import { kipuTaskQueue } from '../../workflows/messages.ts';
import { runInContext } from './activityContext.ts';
import { INSTANCE, type KipuWorld } from './kipuWorld.ts';
import type { MemoryDatabase } from './memoryMongo.ts';
import type { Action } from './plan.ts';
import { withFault } from './plannedCalls.ts';
import { type Process, runningProcess } from './scheduler.ts';
import { simulatedClient } from './simulatedClient.ts';
import type { ActivityWorker, RunningActivity, TemporalServer } from './temporalServer.ts';

/** What the processes share. */
export interface Surroundings {
  server: TemporalServer;
  database: MemoryDatabase;
  kipu: KipuWorld;
  policy: LockPolicy;
  /** Returns what the plan wants of this activity. */
  activityActions: (type: string, given: readonly unknown[]) => Action[];
  runs: ActivityContext['runs'];
}

export const AUDIT_KEYS = ['a key of the simulation'];

class SimulatedProcess implements Process {
  readonly name: string;
  isAlive = true;
  frozenUntil = 0;
  cutOffUntil = 0;
  skewMs: number;
  readonly around: Surroundings;
  readonly store: Store;

  constructor(name: string, skewMs: number, around: Surroundings) {
    this.name = name;
    this.skewMs = skewMs;
    this.around = around;
    const opened = storeOf(around.database as never, AUDIT_KEYS);
    this.store = { ...opened, connect: async () => undefined, close: async () => undefined };
  }

  /** Begins something in this process. Nothing that it waits for comes after a crash. */
  protected begin(work: () => Promise<unknown>): void {
    const { server } = this.around;
    const onError = (error: unknown) => {
      if (!(error instanceof MongoError)) server.onProblem(`something in ${this.name} fails: ${error}`);
    };
    runningProcess.run(this, () => void server.scheduler.deliver(this, 0, () => void work().catch(onError)));
  }

  protected log(text: string, facts: unknown = {}): void {
    this.around.server.note('log', `${text} ${JSON.stringify(facts)}`);
  }
}

type Activity = (...given: unknown[]) => Promise<unknown>;

/** A worker process with the real activities. */
export class WorkerProcess extends SimulatedProcess implements ActivityWorker {
  /** The activities by task queue. */
  readonly #activities: Record<string, Record<string, Activity>>;

  constructor(name: string, skewMs: number, around: Surroundings) {
    super(name, skewMs, around);
    const { accessId, secretKey, appId } = around.kipu.instance.layout.credentials;
    const kipu = new KipuClient({ baseUrl: 'https://kipu.invalid', accessId, secretKey, appId });
    const context: ActivityContext = {
      ...{ store: this.store, workflows: simulatedClient(around.server).workflow, taskQueue: around.server.taskQueue },
      instances: new Map([[INSTANCE, { kipu, lockPolicy: around.policy, timeZone: 'UTC' }]]) as never,
      ...{ runs: around.runs, noticeUrl: null, unlockByHand: true, now: () => new Date() },
    };
    const { taskQueue } = around.server;
    this.#activities = {
      [taskQueue]: createStoreActivities(context) as never,
      [kipuTaskQueue(taskQueue)]: createKipuActivities(context) as never,
    };
  }

  runActivity(
    type: string,
    given: unknown[],
    info: { taskQueue: string },
    onHeartbeat: (details: unknown) => void,
  ): RunningActivity {
    const activity = this.#activities[info.taskQueue]?.[type];
    if (activity === undefined) throw new Error(`there is no activity ${type} at ${info.taskQueue}`);
    const actions = this.around.activityActions(type, given);
    return runInContext(() => withFault(actions, () => activity(...given)), {
      ...{ info, onHeartbeat, log: (text, facts) => this.log(text, facts), begin: (work) => this.begin(work) },
    });
  }
}

/** The process that receives webhooks and serves the pages of staff. */
export class WebProcess extends SimulatedProcess {
  readonly #startedAt: number;
  #dispatcher: Dispatcher | null = null;

  constructor(name: string, skewMs: number, around: Surroundings) {
    super(name, skewMs, around);
    this.#startedAt = around.server.scheduler.now;
    const { server } = around;
    this.begin(async () => {
      this.#dispatcher = startDispatcher({
        store: this.store,
        signalChartChanged: (record, signal) =>
          signalChartChanged(simulatedClient(server) as never, record, server.taskQueue, signal),
        now: () => new Date(),
        logger: {
          info: (facts: unknown) => this.log('web', facts),
          warn: (facts: unknown) => this.log('web', facts),
        } as never,
        restMs: 120_000,
      });
      for (;;) {
        await this.#beat();
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      }
    });
  }

  /** Stores a delivery as the receiver does, and wakes the dispatcher. */
  receive(delivery: {
    webhook: 'patient-creation' | 'chart-update';
    casefileId: string;
    webhookId: string | null;
  }): void {
    if (!this.isAlive) return;
    this.begin(async () => {
      await this.store.deliveries.add({ instance: INSTANCE, ...delivery, at: new Date() });
      this.#dispatcher?.wake();
    });
  }

  unlock(record: { _id: string; instance: string }, onSent: (ticket: string) => void): void {
    const { server } = this.around;
    this.begin(async () => {
      const parts = { store: this.store, client: simulatedClient(server) as never, taskQueue: server.taskQueue };
      const person = { viewer: { who: 'rvale', from: '192.0.2.7' }, name: 'Robin Vale', why: 'checked Xphi papers' };
      const { ticket, sent } = await requestUnlock(parts, record, person as never);
      if (sent) onSent(ticket);
    });
  }

  requestFull(): void {
    this.begin(() => this.store.instances.requestFull(INSTANCE, new Date()));
  }

  async #beat(): Promise<void> {
    const beat = this.store.receiverUptime.beat(
      `${this.name} ${this.#startedAt}`,
      new Date(this.#startedAt),
      new Date(),
    );
    await beat.catch(() => undefined);
  }
}
