import type { Calls } from './calls.ts';
import type { Patch, StandInChart } from './chart.ts';
import type { FaultPlan } from './faults.ts';
import type { ChartChange } from './instances.ts';
import type { Credentials, StandInInstanceSpec } from './layout.ts';
import type { InstanceSettings, SettingsPlan } from './settings.ts';
import type { StandInState } from './state.ts';
import type { Webhooks } from './webhooks/index.ts';
import type { WebhookPlan } from './webhooks/settings.ts';

export interface StandInOptions {
  /** Default: north-harbor, cedar-grove, blue-mesa. */
  instances?: readonly StandInInstanceSpec[];
  /** Charts per instance at the start; default 40. */
  charts?: number;
  /** Default 1. */
  seed?: number;
  /** Default now. Everything that the first charts say happened before. */
  startedAt?: Date;
  /** Things that staff did already, the n-th of them n seconds after the start; default 0. */
  ticks?: number;
  /** What `state()` returned: restores those charts, and wins over the five options above. */
  state?: StandInState;
  /** 0 (default) takes a free one. */
  port?: number;
  /** KIPU's clock; default the machine's. */
  now?: () => Date;
  /** Where the facts of KIPU are open or differ: what to play. Not part of the state. */
  settings?: SettingsPlan;
  /** Default: no webhook has an address. Not part of the state. */
  webhooks?: WebhookPlan;
}

/** A fake KIPU that runs here. Its methods throw Error for instances and charts that it does not have. */
export interface StandIn {
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly instances: readonly Credentials[];
  /** Lets staff do so many more things, now; default 1. Returns how many were done in all. */
  live(ticks?: number): number;
  /** Lets staff do one thing every so many milliseconds. */
  startLiving(everyMs: number): void;
  stopLiving(): void;
  /** Returns copies of all charts, vaulted ones too, in the order in which they were made. No setting shows in them. */
  charts(instance: string): StandInChart[];
  /** Sets fields; `last_updated_at` becomes now unless the patch has one. Returns a copy of the chart. */
  edit(instance: string, casefileId: string, patch: Patch): StandInChart;
  /** Adds a chart of an invented person who is here and goes to some facility, with these fields instead. */
  add(instance: string, fields?: Patch): StandInChart;
  /** Deletes a chart softly: from now on only `/api/vaults/patients` has it. */
  remove(instance: string, casefileId: string): void;
  /** Calls the listener for every change from now on, at once and in order. Returns the way to stop it. */
  onChange(listener: (change: ChartChange) => void): () => void;
  settings(instance: string): InstanceSettings;
  /** Changes settings from now on, as `PUT /_stand-in/settings` does. Throws Error, and changes nothing, where they cannot be followed. */
  configure(plan: SettingsPlan): void;
  readonly webhooks: Omit<Webhooks, 'close'>;
  readonly faults: FaultPlan;
  readonly calls: Calls;
  /** Returns what to keep in order to come back as it is; changes by `edit`, `add`, `remove` and settings are not in it. */
  state(): StandInState;
  /** Stops living, listening and announcing, and drops every connection. May be called twice. */
  close(): Promise<void>;
}
