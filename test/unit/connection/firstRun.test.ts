import { describe, expect, it } from 'vitest';
import type { LiveFacts } from '../../../connection/facts.ts';
import { estimateFirstRun, firstRunText } from '../../../connection/firstRun.ts';
import { reportOf, withStandIn } from '../../support/liveReports.ts';

const list = (stated: number | null, read: number, discharged: number | null) => ({ stated, read, discharged });
const rows = (read: number, chart: number) => ({
  ...{ read, chart, destination: 0, missingKeys: [], compared: 0, differ: 0, differingKeys: {} },
});
const plan = { lockPolicy: 'webhook-missing' as const, pageSize: 100, callsPerSecond: 10 };
const facts = (change: Partial<LiveFacts['lists']>, censusRows: LiveFacts['censusRows'] = null) => ({
  lists: { latest: null, census: null, hereNow: null, vaults: null, ...change },
  censusRows,
});

describe('The estimate of the first run', () => {
  const latest = list(1_200, 200, 50);
  const census = list(1_000, 200, 100);
  it.each([
    [
      'counts a call for each page and each chart',
      facts({ latest, census, vaults: list(3, 3, 0) }),
      { charts: 1_200, calls: 1 + 12 + 10 + 1 + 1_200, minutes: 3, locked: 500 },
    ],
    [
      'counts no call for charts that the census carries',
      facts({ latest, census }, rows(200, 200)),
      { charts: 1_200, calls: 1 + 12 + 10 + 1 + 200, minutes: 1, locked: 500 },
    ],
    [
      'does without stated totals',
      facts({ latest: list(null, 40, 10), census: null }),
      { charts: 40, calls: 1 + 1 + 1 + 1 + 40, minutes: 1, locked: 10 },
    ],
    [
      'does not know the discharges where rows do not say them',
      facts({ latest: list(40, 40, null) }),
      { charts: 40, calls: 44, minutes: 1, locked: null },
    ],
    ['knows nothing without a list', facts({}), { charts: null, calls: null, minutes: null, locked: null }],
    [
      'is one of three pages where there are no charts',
      facts({ latest: list(0, 0, null), census: list(0, 0, 0) }),
      { charts: 0, calls: 4, minutes: 1, locked: 0 },
    ],
  ])('%s', (_, seen, expected) => {
    expect(estimateFirstRun(seen, plan)).toEqual(expected);
  });

  it('locks nothing with the policy never', () => {
    expect(estimateFirstRun(facts({ latest, census }), { ...plan, lockPolicy: 'never' }).locked).toBe(0);
  });

  it('agrees with what the stand-in has, and says it in sentences', async () => {
    await withStandIn({}, async (standIn) => {
      const report = await reportOf(standIn, { lockPolicy: 'webhook-missing' });
      const estimate = estimateFirstRun(report.facts, plan);
      const charts = standIn.charts('north-harbor').filter(({ vaulted }) => !vaulted);
      expect(estimate.charts).toBeGreaterThan(0);
      expect(estimate.charts).toBeLessThanOrEqual(charts.length);
      expect(firstRunText(estimate, 'webhook-missing')).toEqual([
        expect.stringMatching(/^The first sync reads about \d+ charts with about \d+ calls, in about 1 minute\.$/),
        expect.stringMatching(/^It locks about \d+ discharges?, because no Chart Update has come yet\./),
      ]);
    });
  });

  it.each([
    ['never', 5, /locks no discharge/],
    ['always', 5, /because the lock policy is always/],
    ['webhook-missing', null, /cannot be known/],
  ] as const)('with the policy %s and %s discharges is said in plain words', (policy, locked, text) => {
    expect(firstRunText({ charts: 1, calls: 1, minutes: 1, locked }, policy).join(' ')).toMatch(text);
  });
});
