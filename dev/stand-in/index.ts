import { once } from 'node:events';
import { Calls } from './api/calls.ts';
import { FaultPlan } from './api/faults.ts';
import { startServer } from './api/server.ts';
import { WebhookSender } from './webhooks/sender.ts';
import type { WebhookPlan } from './webhooks/settings.ts';
import type { Patch, StandInChart } from './world/chart.ts';
import { wholeSecond } from './world/dates.ts';
import { admit, type ChartChange, type Instance } from './world/instances.ts';
import type { Credentials } from './world/layout.ts';
import { chanceOf } from './world/random.ts';
import { configure, type InstanceSettings, type SettingsPlan } from './world/settings.ts';
import { Simulation, type SimulationOptions, type StandInState } from './world/simulation.ts';
import { timeZoneOf } from './world/views.ts';

export type { Fault, FaultKind } from './api/faults.ts';
export type { Delivered } from './webhooks/sent.ts';
export {
  type WebhookAuthentication,
  type WebhookSettings,
  webhooksTo,
} from './webhooks/settings.ts';
export {
  masterIdOf,
  PATIENT_FIELDS,
  type Patch,
  type RawPatient,
  type StandInChart,
} from './world/chart.ts';
export type { ChartChange } from './world/instances.ts';
export { type Credentials, DEFAULT_INSTANCES } from './world/layout.ts';
export {
  DEFAULT_SETTINGS,
  type InstanceSettings,
  type SettingsPatch,
  type SettingsPlan,
} from './world/settings.ts';
export { parseStandInState, type StandInState } from './world/simulation.ts';

export interface StandInOptions extends SimulationOptions {
  /** 0 (default) takes a free one. */
  port?: number;
  /** KIPU's clock; default the machine's. */
  now?: () => Date;
  /** How the instances behave where KIPU's behavior is unknown or differs. Not part of the state. */
  settings?: SettingsPlan;
  /** Default: no webhook has an address. Not part of the state. */
  webhooks?: WebhookPlan;
}

/** What a client needs to know of one instance. */
interface StandInInstance extends Credentials {
  /** The IANA zone of its days and clocks when the stand-in started. */
  timeZone: string;
}

/** A running stand-in. Its methods throw Error for instances and charts that it does not have. */
export interface StandIn {
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly instances: readonly StandInInstance[];
  /** Performs staff actions now; default 1. Returns the number of actions so far. */
  live(ticks?: number): number;
  /** Performs one staff action every so many milliseconds. */
  startLiving(everyMs: number): void;
  stopLiving(): void;
  /** Returns copies of all charts, vaulted ones too, in the order of their creation, without the effects of settings. */
  charts(instance: string): StandInChart[];
  /** Sets fields; `last_updated_at` becomes now unless the patch has one. Returns a copy of the chart. */
  edit(instance: string, casefileId: string, patch: Patch): StandInChart;
  /** Adds a chart of an invented person who is admitted and has a destination; `fields` replaces generated values. */
  add(instance: string, fields?: Patch): StandInChart;
  /** Soft-deletes a chart: from then on only `/api/vaults/patients` lists it. */
  remove(instance: string, casefileId: string): void;
  /** Calls the listener for every change from now on, synchronously and in order. Returns a function that stops it. */
  onChange(listener: (change: ChartChange) => void): () => void;
  settings(instance: string): InstanceSettings;
  /** Changes settings, as `PUT /_stand-in/settings` does. Throws Error, and changes nothing, if the plan is invalid. */
  configure(plan: SettingsPlan): void;
  readonly webhooks: Omit<WebhookSender, 'close'>;
  readonly faults: FaultPlan;
  readonly calls: Calls;
  /** Returns the state to restore the charts from. Changes by `edit`, `add` and `remove`, and settings, are not in it. */
  state(): StandInState;
  /** Stops the staff, the server and the webhooks, and drops every connection. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a fake KIPU on loopback, with KIPU's signatures, endpoints and quirks, and staff who change charts. The caller
 * closes it. Rejects if the port is taken, and if settings or webhooks are invalid.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const now = options.now ?? (() => new Date());
  const simulation = new Simulation(options, now());
  const { instances } = simulation;
  configure(instances, options.settings ?? {});
  const [faults, calls] = [new FaultPlan(), new Calls()];
  const webhooks = new WebhookSender(simulation, options.webhooks ?? {}, now);
  const server = await startServer({ instances, faults, calls, now }, options.port ?? 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  const live = (ticks = 1): number => {
    for (let done = 0; done < ticks; done += 1) simulation.act(now());
    return simulation.ticks;
  };
  let living: NodeJS.Timeout | undefined;
  const stopLiving = () => clearInterval(living);
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    instances: instances.map((instance) => ({ ...instance.layout.credentials, timeZone: timeZoneOf(instance) })),
    live,
    startLiving: (everyMs) => {
      stopLiving();
      living = setInterval(live, everyMs, 1);
    },
    stopLiving,
    charts: (name) => structuredClone(simulation.instance(name).book.all()),
    edit: (name, casefileId, patch) => {
      const instance = simulation.instance(name);
      instance.book.edit(casefileId, patch, now());
      return copyOf(instance, casefileId);
    },
    add: (name, fields = {}) => {
      const instance = simulation.instance(name);
      const at = wholeSecond(now());
      const chance = chanceOf(simulation.seed, name, 'added', instance.book.size);
      const times = { created: at, admitted: at, discharged: null, updated: at };
      const template = { kind: 'added', destination: 'plain', discharge: 'none' } as const;
      return structuredClone(admit(instance, template, chance, times, null, fields));
    },
    remove: (name, casefileId) => simulation.instance(name).book.vault(casefileId, now()),
    onChange: (listener) => simulation.onChange(listener),
    settings: (name) => structuredClone(simulation.instance(name).settings),
    configure: (plan) => configure(instances, plan),
    webhooks,
    faults,
    calls,
    state: () => simulation.state(),
    close: async () => {
      stopLiving();
      await webhooks.close();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function copyOf({ book }: Instance, casefileId: string): StandInChart {
  const chart = book.find(casefileId);
  if (!chart) throw new Error('this instance has no such chart');
  return structuredClone(chart);
}
