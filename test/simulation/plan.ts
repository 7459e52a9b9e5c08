import type { AnswerFault, ChartChange } from './kipuWorld.ts';
import type { CallFault } from './operations.ts';

/** When something of a plan happens: at a time in milliseconds, or at the n-th call of a kind. */
export type When = { at: number } | { call: string; nth: number };

/** What happens. `pick` chooses among what there is then, by its remainder. */
export type Action =
  /** `chart` -1 is the chart that was last requested. */
  | {
      do: 'chart';
      chart: number;
      change: ChartChange;
      value: number;
      webhook: 'sent' | 'quick' | 'lost' | 'twice' | 'late' | 'timed' | 'timed-twice';
    }
  | { do: 'unlock' | 'unlock-by-hand' | 'empty-signal' | 'terminate'; pick: number }
  | { do: 'run' | 'full-run' | 'cancel-run' }
  | { do: 'crash'; process: string; restartMs: number }
  | { do: 'call'; fault: CallFault }
  /** An activity fails: it did nothing, or its answer is lost. */
  | { do: 'activity'; fault: 'fails-before' | 'fails-after' }
  /** The record that was unlocked last is unlocked once more. */
  | { do: 'unlock-again' }
  | { do: 'answer'; fault: AnswerFault };

export interface Entry {
  when: When;
  action: Action;
}

/** How the simulated instance, its service and its KIPU are set up. */
export interface Setup {
  policy: 'always' | 'never' | 'webhook-missing';
  rows: 'plain' | 'bare' | 'chart' | 'partial';
  timestamps: 'mixed' | 'time' | 'offset' | 'day';
  rowsTwice: boolean;
  charts: number;
  pageSize: number;
  maxInFlight: number;
  bulkFrom: number;
  suggestContinueAsNewAt: number;
  signedWebhooks: boolean;
  skewMs: [number, number, number];
}

export interface Plan {
  seed: number;
  setup: Setup;
  entries: Entry[];
}

export const HOUR = 3_600_000;
export const START = Date.parse('2026-03-02T05:48:00Z');
/** How long a webhook typically takes. */
export const WEBHOOK_MS = { sent: 800, quick: 8, lost: 0, twice: 300, late: 400_000, timed: 0, 'timed-twice': 0 };
/** When webhooks come that a plan times exactly, after the change. */
export const TIMED_MS = [1_000, 61_000] as const;
/** How long the service runs before its first hour begins, and when in an hour its run begins, without the jitter. */
export const SET_UP_MS = 60_000;
export const RUN_AT_MS = 720_000;
/** How long nothing disturbs before the end: at least, and at most while failed records still wait for their next pull. */
export const CALM_MS = { least: 4 * HOUR, most: 32 * HOUR };
/** One run checks every chart, and the next one pulls what it left. */
export const LAST_MS = 2.5 * HOUR;
/** A call that takes so much longer still succeeds. */
export const SLOW_MS = 3_000;
/** For so long staff, faults and crashes disturb the service. */
export const DISTURBED_MS = 6 * HOUR;

/** Returns true for what must not keep a run from its end: charts that change, and people who work. */
export function isHarmless(action: Action): boolean {
  if (action.do === 'call') return action.fault.effect === 'slow' && action.fault.ms <= SLOW_MS;
  return ['chart', 'unlock', 'run', 'full-run'].includes(action.do);
}

/** Returns one line about an entry, for people. */
export function describe({ when, action }: Entry): string {
  const { do: name, ...facts } = action;
  const time = 'at' in when ? `at ${(when.at / HOUR).toFixed(3)} h` : `at call ${when.nth} of ${when.call}`;
  return `${time}: ${name} ${JSON.stringify(facts)}`;
}
