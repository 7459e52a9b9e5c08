import { describe, expect, it } from 'vitest';
import type { LockPolicy } from '../../domain/lock.ts';
import type { Digest } from '../../kipu/index.ts';
import { expectedOutcome } from '../support/expectedOutcomes.ts';
import { serviceForTests } from '../support/service.ts';

/** Every way in which an instance may be set up: the only digest that it accepts, and whether its rows carry charts. */
const INSTANCES = [
  { name: 'sha256-rows', digest: 'sha256', rows: 'chart', policy: 'never' },
  { name: 'sha256-charts', digest: 'sha256', rows: 'plain', policy: 'always' },
  { name: 'sha1-rows', digest: 'sha1', rows: 'chart', policy: 'always' },
  { name: 'sha1-charts', digest: 'sha1', rows: 'plain', policy: 'never' },
] as const satisfies { name: string; digest: Digest; rows: 'chart' | 'plain'; policy: LockPolicy }[];

const service = await serviceForTests({
  digests: { ...Object.fromEntries(INSTANCES.map(({ name, digest }) => [name, digest])), mistaken: 'sha1' },
  policies: Object.fromEntries(INSTANCES.map(({ name, policy }) => [name, policy])),
  standIn: {
    instances: [...INSTANCES, { name: 'mistaken' }].map(({ name }) => ({ name, charts: 45 })),
    settings: {
      instances: {
        ...Object.fromEntries(INSTANCES.map(({ name, digest, rows }) => [name, { digest, rows }])),
        mistaken: { digest: 'sha256' },
      },
    },
  },
});
const { standIn, store, run } = service;

describe('A strict KIPU', () => {
  it.each(INSTANCES)(
    'that accepts only $digest, with census rows of the kind $rows, leads to the required outcome of every chart',
    async ({ name, policy, rows }) => {
      const required = standIn.charts(name).map((chart) => ({
        chart: chart.casefileId,
        ...expectedOutcome(chart, policy, new Date()),
      }));
      expect(await run(name)).toMatchObject({ status: 'completed', counts: { due: 45, failed: 0 } });

      const charts = required.map(({ chart }) => chart);
      const records = new Map((await store.records.ofCharts(name, charts)).map((one) => [one.casefileId, one]));
      const made = await Promise.all(
        charts.map(async (chart) => {
          const { _id = '', status } = records.get(chart) ?? {};
          return { chart, status, destination: (await store.referrals.get(_id))?.destination ?? null };
        }),
      );
      expect(made).toEqual(required);
      expect(required.filter(({ destination }) => destination !== null).length).toBeGreaterThan(5);

      // One chart is read to compare a row with it; without rows, each of the 45 is read.
      const first = standIn.calls.count({ instance: name, route: 'chart' });
      expect([first, standIn.calls.count({ instance: name, status: 422 })]).toEqual([rows === 'chart' ? 1 : 45, 0]);
      await run(name);
      expect(standIn.calls.count({ instance: name, route: 'chart' }) - first).toBe(0);
    },
  );

  it('ends a run at the first request signed with the other digest, and says what to check', async () => {
    expect(await run('mistaken')).toMatchObject({
      status: 'failed',
      fault: { code: 'authentication-failed', text: expect.stringContaining('the digest') },
    });
    expect(standIn.calls.count({ instance: 'mistaken' })).toBe(1);
  });
});
