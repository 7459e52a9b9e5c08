import type { Calls } from './calls.ts';
import type { Patch, StandInChart } from './chart.ts';
import type { FaultPlan } from './faults.ts';
import type { Credentials, StandInInstanceSpec } from './instances.ts';
import type { StandInState } from './state.ts';
import type { Webhooks } from './webhooks/index.ts';
import type { WebhookPlan } from './webhooks/settings.ts';
import type { ChartChange } from './world.ts';

export interface StandInOptions {
  /** Default: north-harbor, cedar-grove, blue-mesa. */
  instances?: readonly StandInInstanceSpec[];
  /** Charts per instance at birth; default 40. */
  charts?: number;
  /** Default 1. */
  seed?: number;
  /** Start of its life; default now. Everything at birth happened before. */
  bornAt?: Date;
  /** Things already done at the start, the n-th of them n seconds after birth; default 0. */
  ticks?: number;
  /** What `state()` gave: restores those charts, and wins over the five options above. */
  state?: StandInState;
  /** 0 (default) takes a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** KIPU's clock; default the machine's. */
  now?: () => Date;
  /** Default: no webhook has an address. Not part of the state. */
  webhooks?: WebhookPlan;
}

/** A KIPU that runs here. Instances and charts that it does not have make its methods throw Error. */
export interface StandIn {
  /** Without a slash behind. */
  readonly url: string;
  readonly port: number;
  readonly instances: readonly Credentials[];
  /** Lets staff do so many more things, now; default 1. Gives how many were done in the whole life. */
  live(ticks?: number): number;
  /** Lets staff do one thing every so many milliseconds. */
  startLiving(everyMs: number): void;
  stopLiving(): void;
  /** Copies of all charts, vaulted ones too, in the order in which they were made. */
  charts(instance: string): StandInChart[];
  /** Sets fields; `last_updated_at` becomes now unless the patch has one. Gives a copy of the chart. */
  edit(instance: string, casefileId: string, patch: Patch): StandInChart;
  /** Adds a chart of an invented person in the house who goes to some facility, with these fields instead. */
  add(instance: string, fields?: Patch): StandInChart;
  /** Deletes a chart softly: from now on only `/api/vaults/patients` has it. */
  remove(instance: string, casefileId: string): void;
  /** Tells of every change from now on, at once and in order. Gives the way to stop it. */
  onChange(listener: (change: ChartChange) => void): () => void;
  readonly webhooks: Omit<Webhooks, 'close'>;
  readonly faults: FaultPlan;
  readonly calls: Calls;
  resetCalls(): void;
  /** What to keep in order to come back as it is; changes by `edit`, `add` and `remove` are not in it. */
  state(): StandInState;
  /** Stops living, listening and announcing, and drops every connection. May be called twice. */
  close(): Promise<void>;
}
