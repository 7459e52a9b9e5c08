import { once } from 'node:events';
import { Calls } from './calls.ts';
import type { StandInChart } from './chart.ts';
import { wholeSecond } from './dates.ts';
import { FaultPlan } from './faults.ts';
import { Lives } from './lives.ts';
import { chanceOf } from './random.ts';
import { serve } from './server.ts';
import type { StandIn, StandInOptions } from './stand-in.ts';
import { Webhooks } from './webhooks/index.ts';
import { admit, type Site } from './world.ts';

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
export { type Credentials, DEFAULT_INSTANCES, type StandInInstanceSpec } from './instances.ts';
export type { RouteName } from './routes.ts';
export type { StandIn, StandInOptions } from './stand-in.ts';
export { parseStandInState, type StandInState } from './state.ts';
export { type WebhooksTo, webhooksTo } from './webhooks/plan.ts';
export type { Delivered } from './webhooks/sent.ts';
export type { WebhookName, WebhookPlan, WebhookProof, WebhookSettings } from './webhooks/settings.ts';
export type { ChartChange } from './world.ts';

/**
 * Starts a KIPU of our own on loopback: signature, endpoints, quirks and staff at work, as the facts have them.
 * Rejects where the port is taken, and where webhooks cannot be sent as asked. Close it.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const now = options.now ?? (() => new Date());
  const lives = new Lives(options, now());
  const [faults, calls] = [new FaultPlan(), new Calls()];
  const webhooks = new Webhooks(lives, options.webhooks ?? {}, now);
  const host = options.host ?? '127.0.0.1';
  const server = await serve({ sites: lives.sites, faults, calls, now }, host, options.port ?? 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in listens on no port');
  const live = (ticks = 1): number => {
    for (let done = 0; done < ticks; done += 1) lives.live(now());
    return lives.ticks;
  };
  let living: NodeJS.Timeout | undefined;
  const stopLiving = () => clearInterval(living);
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    instances: lives.sites.map(({ premises }) => premises.credentials),
    live,
    startLiving: (everyMs) => {
      stopLiving();
      living = setInterval(live, everyMs, 1);
    },
    stopLiving,
    charts: (instance) => structuredClone(lives.site(instance).book.all()),
    edit: (instance, casefileId, patch) => {
      const { book } = lives.site(instance);
      book.edit(casefileId, patch, now());
      return copyOf(lives.site(instance), casefileId);
    },
    add: (instance, fields = {}) => {
      const site = lives.site(instance);
      const at = wholeSecond(now());
      const chance = chanceOf(lives.seed, instance, 'added', site.book.all().length);
      const times = { created: at, admitted: at, discharged: null, updated: at };
      const mould = { kind: 'added', destination: 'plain', discharge: 'none' } as const;
      return structuredClone(admit(site, mould, chance, times, null, fields));
    },
    remove: (instance, casefileId) => lives.site(instance).book.vault(casefileId, now()),
    onChange: (listener) => lives.onChange(listener),
    webhooks,
    faults,
    calls,
    resetCalls: () => calls.reset(),
    state: () => lives.state(),
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

function copyOf({ book }: Site, casefileId: string): StandInChart {
  const chart = book.find(casefileId);
  if (!chart) throw new Error('this instance has no such chart');
  return structuredClone(chart);
}
