import { routeOf } from '../../dev/stand-in/api/routes.ts';
import type { ChartChange as Changed } from '../../dev/stand-in/world/instances.ts';
import { patientWorkflow, syncWorkflow } from '../../workflows/index.ts';
import { unlockSignal } from '../../workflows/messages.ts';
import { Invariants } from './invariants.ts';
import { answerRequests } from './kipuConnection.ts';
import { INSTANCE, KipuWorld } from './kipuWorld.ts';
import { MemoryDatabase } from './memoryMongo.ts';
import { type CallFault, Operations } from './operations.ts';
import { type Action, DISTURBED_MS, type Entry, HOUR, type Plan, START, WEBHOOK_MS } from './plan.ts';
import { type Surroundings, WebProcess, WorkerProcess } from './processes.ts';
import { picked } from './random.ts';
import { runningProcess, type Scheduler } from './scheduler.ts';
import type { Outcome } from './simulate.ts';
import { TemporalServer } from './temporalServer.ts';

/** How long nothing disturbs before the end: at least, and at most while failed records still wait for their next pull. */
const CALM_MS = { least: 4 * HOUR, most: 32 * HOUR };
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
  readonly #counts = new Map<string, number>();
  readonly #atCall = new Map<string, Entry[]>();
  #web: WebProcess;
  #isDisturbed = true;
  #webhook: keyof typeof WEBHOOK_MS = 'sent';
  #deliveries = 0;

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
    const { maxInFlight, bulkFrom, pageSize } = setup;
    this.#around = {
      ...{ server: this.server, database: this.database, kipu: this.kipu, policy: setup.policy },
      runs: { lookBackDays: 3, fullRunHour: 3, maxInFlight, bulkFrom, pageSize, webhookGraceMs: 600_000 },
    };
    this.server.workers = [this.#worker('worker-1'), this.#worker('worker-2')];
    this.#web = this.#newWeb();
    this.#operations.onCall = (kind) => this.#faultsOf(kind);
    this.#operations.onCrash = (name) => this.#crash(name, 5_000);
    answerRequests((path, headers) => this.#answer(path, headers));
    this.kipu.onChange((change) => this.#changed(change));
    for (const entry of plan.entries) {
      const { when, action } = entry;
      if ('at' in when) scheduler.schedule(when.at, () => this.#act(action));
      else this.#atCall.set(when.call, [...(this.#atCall.get(when.call) ?? []), entry]);
    }
  }

  async run(): Promise<void> {
    const ready = this.#web.store.setUp();
    await this.scheduler.runUntil(this.scheduler.now + 60_000);
    await ready;
    this.#runEveryHour();
    await this.#runFor(DISTURBED_MS);
    this.#calmDown();
    const calmAt = this.scheduler.now;
    do await this.#runFor(CALM_MS.least);
    while (this.#isOwed() && this.scheduler.now < calmAt + CALM_MS.most && this.invariants.problems.length === 0);
    // One run checks every chart, and the next one pulls what it left.
    this.#web.requestFull();
    await this.#runFor(2 * HOUR);
    await this.#runFor(HOUR / 2);
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
    this.scheduler.schedule(720_000 + this.scheduler.draw('jitter') * 60_000, () => this.#startRun());
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
      case 'unlock': {
        const record = picked(this.#held(), action.pick);
        if (record !== undefined && this.#web.isAlive)
          this.#web.unlock(record, (ticket) => this.invariants.onTicket(ticket, record._id));
        break;
      }
      case 'unlock-by-hand':
      case 'empty-signal': {
        const patient = picked(this.#patients(), action.pick);
        patient?.signal(unlockSignal.name, action.do === 'empty-signal' ? [] : [{ by: 'Dana Whitlock' }]);
        break;
      }
      case 'terminate': {
        const patient = picked(this.#patients(), action.pick);
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

  #startRun(): void {
    this.server.runOnSchedule(`sync/${INSTANCE}`, 'syncWorkflow', { instance: INSTANCE });
  }

  #syncs() {
    return this.server.allRunning().filter(({ type }) => type === 'syncWorkflow');
  }

  #patients() {
    return this.server.allRunning().filter(({ type }) => type === 'patientWorkflow');
  }

  #held(): { _id: string; instance: string }[] {
    const records = [...this.database.collection('records').documents.values()];
    return records.filter(({ status }) => status === 'held') as never;
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
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    if (!this.#isDisturbed) return [];
    const due = (this.#atCall.get(kind) ?? []).filter(({ when }) => 'nth' in when && when.nth === nth);
    return due.flatMap(({ action }) => {
      if (action.do === 'call') return [action.fault];
      this.scheduler.schedule(0, () => this.#act(action));
      return [];
    });
  }

  #answer(path: string, headers: Record<string, string>) {
    const name = routeOf(path)?.name ?? 'unknown';
    const kind = `answer.${name}`;
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const due = (this.#atCall.get(kind) ?? []).find(({ when }) => 'nth' in when && when.nth === nth);
    const fault = this.#isDisturbed && due?.action.do === 'answer' ? due.action.fault : undefined;
    return this.#operations.perform(`kipu.${name}`, KIPU_MS, () => this.kipu.answer(path, headers, fault), {
      error: () => Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }),
    });
  }

  #changed({ casefileId, event }: Changed): void {
    this.invariants.onChart(casefileId);
    if (event === 'vaulted' || this.#webhook === 'lost') return;
    const webhook = event === 'created' ? 'patient-creation' : 'chart-update';
    this.#deliveries += 1;
    const webhookId = this.plan.setup.signedWebhooks ? `message-${this.#deliveries}` : null;
    const times = this.#webhook === 'twice' ? 2 : 1;
    for (let sent = 0; sent < times; sent += 1) {
      const delay = this.scheduler.latency('webhook', WEBHOOK_MS[this.#webhook]);
      this.scheduler.schedule(delay, () => this.#web.receive({ webhook, casefileId, webhookId }));
    }
  }
}
