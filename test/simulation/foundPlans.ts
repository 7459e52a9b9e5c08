import type { Entry, Plan, Setup } from './plan.ts';

const setup: Setup = {
  ...{ policy: 'always', rows: 'plain', timestamps: 'time', rowsTwice: false, charts: 3, pageSize: 5, maxInFlight: 5 },
  ...{ bulkFrom: 2, suggestContinueAsNewAt: 60, signedWebhooks: false, skewMs: [0, 4_000, 0] },
};

/** The smallest plans of bugs that the simulation found in the service, and that were fixed. */
export const foundPlans: readonly { bug: string; plan: Plan }[] = [
  {
    bug: 'an unlock is tried again after a run pulled its chart, and its workflow waits for another unlock',
    plan: {
      seed: 1_039,
      setup,
      entries: [
        entry({ at: 300_000 }, { do: 'chart', change: 'discharge', chart: 0, value: 1, webhook: 'lost' }),
        entry({ at: 3_000_000 }, { do: 'chart', change: 'edit', chart: 1, value: 7, webhook: 'lost' }),
        entry({ call: 'unlockRequests.updateOne', nth: 1 }, { do: 'call', fault: { effect: 'slow', ms: 130_000 } }),
        entry({ at: 3_000_000 }, { do: 'unlock', pick: 0 }),
        entry({ at: 3_005_000 }, { do: 'run' }),
      ],
    },
  },
  {
    bug: 'a worker crashes after it voided a held record, and its workflow waits for an unlock',
    plan: {
      seed: 4_822,
      setup: {
        ...{ ...setup, timestamps: 'day', pageSize: 6, maxInFlight: 1, bulkFrom: 50, suggestContinueAsNewAt: 4_000 },
        ...{ signedWebhooks: true, skewMs: [0, 0, 2_000] },
      },
      entries: [
        entry({ at: 16_083_434 }, { do: 'chart', chart: -1, change: 'delete', value: 2, webhook: 'late' }),
        entry({ at: 15_218_025 }, { do: 'chart', chart: -1, change: 'plan-discharge', value: 10, webhook: 'sent' }),
        entry({ at: 16_109_655 }, { do: 'full-run' }),
        entry({ call: 'temporal.signal', nth: 1 }, { do: 'call', fault: { effect: 'crashes-before' } }),
      ],
    },
  },
  {
    bug: 'a record is unlocked while the batch that held it still runs, and the workflow that the run then starts waits',
    plan: {
      seed: 11,
      setup: { ...setup, skewMs: [0, 0, 0] },
      entries: [
        entry({ at: 300_000 }, { do: 'chart', change: 'discharge', chart: 0, value: 1, webhook: 'lost' }),
        entry({ call: 'kipu.chart', nth: 3 }, { do: 'call', fault: { effect: 'slow', ms: 50_000 } }),
        entry({ at: 860_000 }, { do: 'unlock', pick: 0 }),
      ],
    },
  },
  {
    bug: 'a chart whose version is a day, and that a run lists twice, stays owed after the run has pulled it',
    plan: {
      seed: 3,
      setup: {
        ...{ ...setup, policy: 'never', rows: 'chart', timestamps: 'day', rowsTwice: true, charts: 8, pageSize: 2 },
        ...{ maxInFlight: 2, bulkFrom: 50, suggestContinueAsNewAt: 150, skewMs: [0, -4_000, 2_000] },
      },
      entries: [],
    },
  },
];

function entry(when: Entry['when'], action: Entry['action']): Entry {
  return { when, action };
}
