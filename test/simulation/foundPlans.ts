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
        entry({ at: 11_500_000 }, { do: 'chart', change: 'edit', chart: 2, value: 7, webhook: 'lost' }),
        entry({ call: 'records.bulkWrite', nth: 2 }, { do: 'unlock', pick: 20 }),
        entry({ call: 'unlockRequests.updateOne', nth: 1 }, { do: 'call', fault: { effect: 'slow', ms: 130_000 } }),
        entry(
          { call: 'kipu.chart', nth: 2 },
          { do: 'chart', chart: -1, change: 'discharge', value: 10, webhook: 'sent' },
        ),
      ],
    },
  },
];

function entry(when: Entry['when'], action: Entry['action']): Entry {
  return { when, action };
}
