import { once } from 'node:events';
import { Calls } from './calls.ts';
import type { StandInChart } from './chart.ts';
import { wholeSecond } from './dates.ts';
import { FaultPlan } from './faults.ts';
import { admit, type Instance } from './instances.ts';
import type { StandIn, StandInOptions } from './interface.ts';
import { chanceOf } from './random.ts';
import { serve } from './server.ts';
import { configure } from './settings.ts';
import { Simulation } from './simulation.ts';
import { Webhooks } from './webhooks/index.ts';

export type { Call, Calls } from './calls.ts';
export {
  type ChartKind,
  type Json,
  masterIdOf,
  PATIENT_FIELDS,
  type Patch,
  type RawPatient,
  type StandInChart,
} from './chart.ts';
export type { Fault, FaultKind, FaultPlan, FaultTarget } from './faults.ts';
export type { ChartChange } from './instances.ts';
export type { StandIn, StandInOptions } from './interface.ts';
export { type Credentials, DEFAULT_INSTANCES, type StandInInstanceSpec } from './layout.ts';
export type { RouteName } from './routes.ts';
export { DEFAULT_SETTINGS, type InstanceSettings, type SettingsPatch, type SettingsPlan } from './settings.ts';
export { parseStandInState, type StandInState } from './state.ts';
export { type WebhooksTo, webhooksTo } from './webhooks/plan.ts';
export type { Delivered } from './webhooks/sent.ts';
export type { WebhookName, WebhookPlan, WebhookProof, WebhookSettings } from './webhooks/settings.ts';

/**
 * Starts a fake KIPU on loopback: signature, endpoints, quirks and staff at work, as the facts have them.
 * Rejects where the port is taken, and where settings or webhooks cannot be followed. Close it.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const now = options.now ?? (() => new Date());
  const simulation = new Simulation(options, now());
  const { instances } = simulation;
  configure(instances, options.settings ?? {});
  const [faults, calls] = [new FaultPlan(), new Calls()];
  const webhooks = new Webhooks(simulation, options.webhooks ?? {}, now);
  const server = await serve({ instances, faults, calls, now }, options.port ?? 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in listens on no port');
  const live = (ticks = 1): number => {
    for (let done = 0; done < ticks; done += 1) simulation.live(now());
    return simulation.ticks;
  };
  let living: NodeJS.Timeout | undefined;
  const stopLiving = () => clearInterval(living);
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    instances: instances.map(({ layout }) => layout.credentials),
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
      const chance = chanceOf(simulation.seed, name, 'added', instance.book.all().length);
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
