import { routeOf } from '../../dev/stand-in/api/routes.ts';
import type { ChartChange as Changed } from '../../dev/stand-in/world/instances.ts';
import { patientWorkflow, syncWorkflow } from '../../workflows/index.ts';
import { unlockSignal } from '../../workflows/messages.ts';
import { Invariants } from './invariants.ts';
import { answerRequests } from './kipuConnection.ts';
import { INSTANCE, KipuWorld } from './kipuWorld.ts';
import { MemoryDatabase } from './memoryMongo.ts';
import { type CallFault, Operations } from './operations.ts';
import { heldRecords, runningPatients, webhookDelays } from './picked.ts';
import {
  type Action,
  CALM_MS,
  DISTURBED_MS,
  HOUR,
  LAST_MS,
  type Plan,
  RUN_AT_MS,
  SET_UP_MS,
  START,
  type WEBHOOK_MS,
} from './plan.ts';
import { kindOfActivity, kindsOfRequest, PlannedCalls } from './plannedCalls.ts';
import { type Surroundings, WebProcess, WorkerProcess } from './processes.ts';
import { picked } from './random.ts';
import { runningProcess, type Scheduler } from './scheduler.ts';
import type { Outcome } from './simulate.ts';
import { TemporalServer } from './temporalServer.ts';

const KIPU_MS = 120;

/** One simulated installation: MongoDB, Temporal, KIPU, two workers and a receiver. */
export class World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly database: MemoryDatabase;
  readonly server: TemporalServer;
  readonly kipu: KipuWorld;
  readonly invariants: Invariants;
  readonly #around: Surroundings;
  readonly #operations: Operations;
  readonly #calls: PlannedCalls;
  #web: WebProcess;
  #isDisturbed = true;
  #webhook: keyof typeof WEBHOOK_MS = 'sent';
  #deliveries = 0;
  #lastUnlocked: { _id: string; instance: string } | undefined;

  constructor(plan: Plan, scheduler: Scheduler) {
    const { seed, setup } = plan;
    this.plan = plan;
    this.scheduler = scheduler;
    this.#operations = new Operations(scheduler);
    this.database = new MemoryDatabase(this.#operations);
    this.server = new TemporalServer(this.#operations, 'simulated');
    this.server.workflows = { patientWorkflow, syncWorkflow } as never;
    this.server.suggestContinueAsNewAt = setup.suggestContinueAsNewAt;
    const { rows, timestamps, rowsTwice } = setup;
    this.kipu = new KipuWorld(seed, () => scheduler.now, { rows, timestamps, rowsTwice }, setup.charts);
    this.invariants = new Invariants(this);
    this.#calls = new PlannedCalls(plan.entries);
    const { maxInFlight, bulkFrom, pageSize } = setup;
    this.#around = {
      ...{ server: this.server, database: this.database, kipu: this.kipu, policy: setup.policy },
      activityActions: (type, given) => this.#activityActions(type, given),
      runs: { lookBackDays: 3, fullRunHour: 3, maxInFlight, bulkFrom, pageSize, webhookGraceMs: 600_000 },
    };
    this.server.workers = [this.#worker('worker-1'), this.#worker('worker-2')];
    this.#web = this.#newWeb();
    this.#operations.onCall = (kind) => this.#faultsOf(kind);
    this.#operations.onCrash = (name) => this.#crash(name, 5_000);
    answerRequests((path, headers) => this.#answer(path, headers));
    this.kipu.onChange((change) => this.#changed(change));
    for (const { when, action } of plan.entries) if ('at' in when) scheduler.schedule(when.at, () => this.#act(action));
  }

  async run(): Promise<void> {
    const ready = this.#web.store.setUp();
    await this.scheduler.runUntil(this.scheduler.now + SET_UP_MS);
    await ready;
    this.#runEveryHour();
    await this.#runFor(DISTURBED_MS);
    this.#calmDown();
    const calmAt = this.scheduler.now;
    do await this.#runFor(CALM_MS.least);
    while (this.#isOwed() && this.scheduler.now < calmAt + CALM_MS.most && this.invariants.problems.length === 0);
    this.#web.requestFull();
    await this.#runFor(LAST_MS);
    if (this.invariants.problems.length === 0) await this.invariants.checkEnd();
  }

  /** Sends one line for each write, call that the plan names, and start of an activity. */
  traceTo(trace: (line: string) => void): void {
    const { scheduler } = this;
    const stamped = (line: string) => {
      const hours = ((scheduler.now - START) / HOUR).toFixed(6);
      trace(`${hours} ${runningProcess.getStore()?.name ?? '-'} ${line}`);
    };
    this.invariants.trace = stamped;
    const { onText } = this.server;
    this.server.onText = (place, text) => {
      if (!/^(details|log|heartbeat)/.test(place)) stamped(`${place} ${text.slice(0, 160)}`);
      onText(place, text);
    };
  }

  #runEveryHour(): void {
    this.scheduler.schedule(RUN_AT_MS + this.scheduler.draw('jitter') * 60_000, () => this.#startRun());
    this.scheduler.schedule(HOUR, () => this.#runEveryHour());
  }

  #isOwed(): boolean {
    return [...this.database.collection('records').documents.values()].some(({ status }) => status === 'failed');
  }

  outcome(): Omit<Outcome, 'problems'> {
    const [runs, records] = ['runs', 'records'].map((name) => this.database.collection(name).documents.size);
    const simulatedHours = (this.scheduler.now - START) / HOUR;
    return {
      ...{ seed: this.plan.seed, simulatedHours, steps: this.scheduler.steps, runs: runs ?? 0, records: records ?? 0 },
      world: this,
    };
  }

  async #runFor(ms: number): Promise<void> {
    const end = this.scheduler.now + ms;
    while (this.scheduler.now < end && this.invariants.problems.length === 0)
      await this.scheduler.runUntil(Math.min(end, this.scheduler.now + HOUR / 4));
  }

  /** Ends all faults: what remains is the service's own work. */
  #calmDown(): void {
    this.#isDisturbed = false;
    for (const one of [...this.server.workers, this.#web]) Object.assign(one, { frozenUntil: 0, cutOffUntil: 0 });
    for (const { name, isAlive } of [...this.server.workers, this.#web]) if (!isAlive) this.#restart(name);
  }

  #act(action: Action): void {
    switch (action.do) {
      case 'chart':
        this.#webhook = action.webhook;
        this.kipu.change(action.chart, action.change, action.value);
        this.#webhook = 'sent';
        break;
      case 'unlock':
        this.#unlock(picked(heldRecords(this.database), action.pick));
        break;
      case 'unlock-again':
        this.#unlock(this.#lastUnlocked);
        break;
      case 'unlock-by-hand':
      case 'empty-signal': {
        const patient = picked(runningPatients(this.server, this.database), action.pick);
        patient?.signal(unlockSignal.name, action.do === 'empty-signal' ? [] : [{ by: 'Dana Whitlock' }]);
        break;
      }
      case 'terminate': {
        const patient = picked(runningPatients(this.server, this.database), action.pick);
        if (patient !== undefined) this.server.terminate(patient);
        if (patient !== undefined) this.invariants.onTerminated(patient.workflowId);
        break;
      }
      case 'run':
        this.#startRun();
        break;
      case 'full-run':
        this.#web.requestFull();
        break;
      case 'cancel-run':
        for (const sync of this.#syncs()) sync.requestCancel();
        break;
      case 'crash':
        this.#crash(action.process, action.restartMs);
        break;
    }
  }

  #unlock(record: { _id: string; instance: string } | undefined): void {
    if (record === undefined || !this.#web.isAlive) return;
    this.#lastUnlocked = record;
    this.#web.unlock(record, (ticket) => this.invariants.onTicket(ticket, record._id));
  }

  #startRun(): void {
    this.server.runOnSchedule(`sync/${INSTANCE}`, 'syncWorkflow', { instance: INSTANCE });
  }

  #syncs() {
    return this.server.allRunning().filter(({ type }) => type === 'syncWorkflow');
  }

  #worker(name: string): WorkerProcess {
    return new WorkerProcess(name, this.plan.setup.skewMs[name === 'worker-1' ? 0 : 1], this.#around);
  }

  #newWeb(): WebProcess {
    return new WebProcess('web', this.plan.setup.skewMs[2], this.#around);
  }

  #crash(name: string, restartMs: number): void {
    const found = [...this.server.workers, this.#web].find((one) => one.name === name);
    if (found === undefined || !found.isAlive) return;
    found.isAlive = false;
    this.scheduler.schedule(restartMs, () => this.#restart(name));
  }

  #restart(name: string): void {
    if (name === 'web' && !this.#web.isAlive) this.#web = this.#newWeb();
    this.server.workers = this.server.workers.map((one) =>
      one.name === name && !one.isAlive ? this.#worker(name) : one,
    );
  }

  /** Does what the plan wants to happen at this call, and returns what happens to the call itself. */
  #faultsOf(kind: string): CallFault[] {
    const due = this.#calls.next(kind);
    if (!this.#isDisturbed) return [];
    return due.flatMap((action) => {
      if (action.do === 'call') return [action.fault];
      this.scheduler.schedule(0, () => this.#act(action));
      return [];
    });
  }

  #activityActions(type: string, given: readonly unknown[]): Action[] {
    const due = this.#calls.next(kindOfActivity(type, given, this.database, this.kipu));
    return this.#isDisturbed ? due : [];
  }

  #answer(path: string, headers: Record<string, string>) {
    const due = kindsOfRequest(path, this.kipu).flatMap((kind) => this.#calls.next(kind));
    const planned = this.#isDisturbed ? due.find((action) => action.do === 'answer') : undefined;
    const name = routeOf(path)?.name ?? 'unknown';
    return this.#operations.perform(`kipu.${name}`, KIPU_MS, () => this.kipu.answer(path, headers, planned?.fault), {
      error: () => Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }),
    });
  }

  #changed({ casefileId, event }: Changed): void {
    this.invariants.onChart(casefileId);
    if (event === 'vaulted') return;
    const webhook = event === 'created' ? 'patient-creation' : 'chart-update';
    this.#deliveries += 1;
    const webhookId = this.plan.setup.signedWebhooks ? `message-${this.#deliveries}` : null;
    for (const delay of webhookDelays(this.#webhook, this.scheduler))
      this.scheduler.schedule(delay, () => this.#web.receive({ webhook, casefileId, webhookId }));
  }
}
