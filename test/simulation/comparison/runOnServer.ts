import { createKipuActivities, createStoreActivities } from '../../../activities/index.ts';
import { requestUnlock } from '../../../client/unlock.ts';
import { type Store, storeOf } from '../../../store/connect.ts';
import { startDispatcher } from '../../../web/webhooks/dispatcher.ts';
import { signalChartChanged } from '../../../web/webhooks/signal.ts';
import { patientWorkflowId, unlockSignal } from '../../../workflows/messages.ts';
import { waitUntil } from '../../support/waitUntil.ts';
import { answerRequests } from '../kipuConnection.ts';
import { INSTANCE, KipuWorld } from '../kipuWorld.ts';
import { MemoryDatabase } from '../memoryMongo.ts';
import { Operations } from '../operations.ts';
import { allRecords, heldRecords, webhookDelays } from '../picked.ts';
import { type Action, CALM_MS, DISTURBED_MS, HOUR, LAST_MS, RUN_AT_MS, SET_UP_MS, START } from '../plan.ts';
import { kindOfActivity, kindsOfRequest, PlannedCalls, withFault } from '../plannedCalls.ts';
import { AUDIT_KEYS } from '../processes.ts';
import { picked } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { contextOf } from './activityContext.ts';
import type { ComparablePlan } from './comparablePlan.ts';
import { type End, endOf } from './endOf.ts';
import { QUEUES, type RealServer } from './realServer.ts';
import { lastEvents, runningRecords, runningStates } from './runningWorkflows.ts';
import { ServerClock } from './serverClock.ts';

const PERSON = { viewer: { who: 'rvale', from: '192.0.2.7' }, name: 'Robin Vale', why: 'checked Xphi papers' };
const BEAT_MS = 600_000;

/** Does everything at once, on the machine's clock. */
class PromptOperations extends Operations {
  override async perform<T>(_kind: string, _ms: number, work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  }
}

/** A plan takes a few seconds. After so long its server stands still. */
const DEADLINE_MS = 60_000;

/**
 * Runs a plan on Temporal's server with the real activities, on the simulation's MongoDB and KIPU. Returns how it ends. Rejects where
 * the server stands still; it cannot be used for another plan then.
 */
export async function runOnServer(server: RealServer, plan: ComparablePlan): Promise<End> {
  const run = new ServerRun(server, plan, await server.now());
  let deadline: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    deadline = setTimeout(async () => reject(new Error(`it stands still: ${await run.doing()}`)), DEADLINE_MS);
  });
  try {
    const end = await Promise.race([run.toItsEnd(), isLate]);
    await run.stop();
    return end;
  } finally {
    clearTimeout(deadline);
    await run.leave();
  }
}

interface Happening {
  at: number;
  what: string;
  happens: () => Promise<unknown>;
}

class ServerRun {
  readonly #server: RealServer;
  readonly #plan: ComparablePlan;
  readonly #base: number;
  readonly #database: MemoryDatabase;
  readonly #kipu: KipuWorld;
  readonly #store: Store;
  readonly #calls: PlannedCalls;
  readonly #chance: Scheduler;
  readonly #dispatcher: ReturnType<typeof startDispatcher>;
  readonly #taskQueue: string;
  readonly #clock: ServerClock;
  #happenings: Happening[] = [];
  #doing = 'begins';
  #isDisturbed = true;
  #webhook: (Action & { do: 'chart' })['webhook'] = 'lost';
  #deliveries = 0;
  #runs = 0;
  #lastUnlocked: { _id: string; instance: string } | undefined;

  constructor(server: RealServer, plan: ComparablePlan, base: number) {
    const { seed, setup, isShort } = plan;
    this.#server = server;
    this.#plan = plan;
    this.#base = base;
    this.#clock = new ServerClock(server, base);
    this.#taskQueue = isShort ? QUEUES.short : QUEUES.long;
    this.#chance = new Scheduler(seed, START);
    this.#database = new MemoryDatabase(new PromptOperations(new Scheduler(seed, START)));
    const { rows, timestamps, rowsTwice, charts } = setup;
    this.#kipu = new KipuWorld(seed, () => this.#clock.now(), { rows, timestamps, rowsTwice }, charts);
    const opened = storeOf(this.#database as never, AUDIT_KEYS);
    this.#store = { ...opened, connect: async () => undefined, close: async () => undefined };
    this.#calls = new PlannedCalls(plan.entries);
    answerRequests(async (path, headers) => {
      const due = kindsOfRequest(path, this.#kipu).flatMap((kind) => this.#calls.next(kind));
      const planned = this.#isDisturbed ? due.find((action) => action.do === 'answer') : undefined;
      return this.#kipu.answer(path, headers, planned?.fault);
    });
    this.#kipu.onChange(({ casefileId, event }) => this.#changed(casefileId, event));
    const { client } = server;
    const now = () => new Date(this.#clock.now());
    const context = {
      ...contextOf(plan, this.#kipu, now),
      store: this.#store,
      workflows: client.workflow,
      taskQueue: this.#taskQueue,
    };
    server.use({
      of: { ...createStoreActivities(context), ...createKipuActivities(context) } as never,
      run: async (type, given, activity) => {
        await this.#clock.read();
        const due = this.#calls.next(kindOfActivity(type, given, this.#database, this.#kipu));
        return withFault(this.#isDisturbed ? due : [], () => activity(...given));
      },
    });
    this.#dispatcher = startDispatcher({
      ...{ store: this.#store, now, restMs: 3_600_000 },
      signalChartChanged: (record, signal) => signalChartChanged(client, record, this.#taskQueue, signal),
      logger: { info: () => undefined, warn: () => undefined } as never,
    });
  }

  /** Follows the hours of `World.run`. */
  async toItsEnd(): Promise<End> {
    await this.#store.setUp();
    const startedAt = START + SET_UP_MS;
    for (let beat = 0; beat * BEAT_MS < 60 * HOUR; beat += 1)
      this.#at(START + beat * BEAT_MS, 'beat', () => this.#beat());
    for (let hour = 0; hour < 60; hour += 1)
      this.#at(startedAt + hour * HOUR + RUN_AT_MS + this.#chance.draw('jitter') * 60_000, 'run', () =>
        this.#startRun(),
      );
    for (const { when, action } of this.#plan.entries)
      if ('at' in when) this.#at(START + when.at, action.do, () => this.#act(action));
    const calmAt = startedAt + DISTURBED_MS;
    await this.#runTo(calmAt);
    this.#isDisturbed = false;
    let end = calmAt;
    do {
      end += CALM_MS.least;
      await this.#runTo(end);
    } while (this.#isOwed() && end < calmAt + CALM_MS.most);
    await this.#store.instances.requestFull(INSTANCE, new Date(end));
    await this.#runTo(end + LAST_MS);
    return endOf(this.#database, await runningStates(this.#server.client, this.#database));
  }

  /** Returns what it does now, for people. */
  async doing(): Promise<string> {
    const hours = ((this.#clock.now() - START) / HOUR).toFixed(3);
    const activities = this.#server.inFlight().join(', ') || 'no activity';
    const events = await lastEvents(this.#server.client, this.#database);
    return [`after ${hours} h, ${this.#doing}, with ${activities} in progress`, ...events].join('\n');
  }

  async stop(): Promise<void> {
    this.#doing = 'ends';
    for (const { _id } of allRecords(this.#database))
      await this.#server.client.workflow
        .getHandle(patientWorkflowId(_id))
        .terminate()
        .catch(() => undefined);
    await waitUntil('no activity runs', () => this.#server.inFlight().length === 0);
  }

  async leave(): Promise<void> {
    await this.#dispatcher.stop();
    this.#server.use(null);
    answerRequests(null);
  }

  #at(at: number, what: string, happens: () => Promise<unknown>): void {
    this.#happenings.push({ at, what, happens });
  }

  /** Does what is due until then, in its order. */
  async #runTo(end: number): Promise<void> {
    for (;;) {
      this.#happenings.sort((one, other) => one.at - other.at);
      const next = this.#happenings[0];
      if (next === undefined || next.at > end) break;
      this.#happenings.shift();
      await this.#clock.skipTo(next.at);
      this.#clock.pinnedAt = next.at;
      this.#doing = next.what;
      await next.happens();
      this.#doing = `after ${next.what}`;
      this.#clock.pinnedAt = null;
    }
    await this.#clock.skipTo(end);
  }

  async #act(action: Action): Promise<unknown> {
    switch (action.do) {
      case 'chart':
        this.#webhook = action.webhook;
        return this.#kipu.change(action.chart, action.change, action.value);
      case 'full-run':
        return this.#store.instances.requestFull(INSTANCE, new Date(this.#clock.now()));
      case 'run':
        return this.#startRun();
      case 'unlock':
        return this.#unlock(picked(heldRecords(this.#database), action.pick));
      case 'unlock-again':
        return this.#unlock(this.#lastUnlocked);
      case 'unlock-by-hand':
      case 'empty-signal':
      case 'terminate':
        return this.#signalOrTerminate(action);
      default:
        throw new Error(`${action.do} is not compared`);
    }
  }

  async #unlock(record: { _id: string; instance: string } | undefined): Promise<void> {
    if (record === undefined) return;
    this.#lastUnlocked = record;
    const parts = { store: this.#store, client: this.#server.client, taskQueue: this.#taskQueue };
    await requestUnlock(parts, record, PERSON as never);
  }

  #changed(casefileId: string, event: string): void {
    if (event === 'vaulted') return;
    const webhook = event === 'created' ? 'patient-creation' : 'chart-update';
    this.#deliveries += 1;
    const webhookId = this.#plan.setup.signedWebhooks ? `message-${this.#deliveries}` : null;
    for (const delay of webhookDelays(this.#webhook, this.#chance))
      this.#at(this.#clock.now() + delay, 'webhook', async () => {
        const at = new Date(this.#clock.now());
        await this.#store.deliveries.add({ instance: INSTANCE, webhook, casefileId, webhookId, at });
        this.#dispatcher.wake();
        const { documents } = this.#database.collection('deliveries');
        await waitUntil('the delivery is dispatched', () =>
          [...documents.values()].every(({ state }) => state === 'dispatched'),
        );
      });
  }

  async #beat(): Promise<void> {
    await this.#store.receiverUptime.beat(`web ${START}`, new Date(START), new Date(this.#clock.now()));
  }

  async #startRun(): Promise<void> {
    this.#runs += 1;
    const workflowId = `sync/${INSTANCE}-${this.#base}-${this.#runs}`;
    const options = { workflowId, taskQueue: this.#taskQueue, args: [{ instance: INSTANCE }] };
    await this.#server.client.workflow.start('syncWorkflow', options);
  }

  #isOwed(): boolean {
    return allRecords(this.#database).some(({ status }) => status === 'failed');
  }

  async #signalOrTerminate(action: Action & { pick: number }): Promise<void> {
    const { client } = this.#server;
    const id = picked(await runningRecords(client, this.#database), action.pick);
    if (id === undefined) return;
    const workflow = client.workflow.getHandle(patientWorkflowId(id));
    if (action.do === 'terminate') await workflow.terminate();
    else await workflow.signal(unlockSignal.name, ...(action.do === 'empty-signal' ? [] : [{ by: 'Dana Whitlock' }]));
  }
}
