import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dischargedAt, type HoldReason } from '../../domain/lock.ts';
import { openStore } from '../../store/connect.ts';
import { newRecordId } from '../../store/ids.ts';
import { aChart, aRecord } from '../support/recordFixtures.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri, db } = await mongoForTests();
const { records, collections, setUp, close } = openStore({ uri, database: db.databaseName });
afterAll(close);

const NOW = new Date('2026-03-01T10:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

/** In the expected order. Days and clock times are in this zone. */
const ZONE = 'America/Los_Angeles';
const DISCHARGES = [
  '1969-12-31',
  '2026-01-04T07:59:59.999Z',
  '2026-01-04',
  '2026-01-04T00:00:01',
  '2026-01-04T17:59:59.500Z',
  '2026-01-04T10:00:00',
  '2026-01-04T18:00:00.001Z',
  '2026-01-04T23:59:59',
  '2026-01-05',
  '2026-01-05T08:00:00.001Z',
  '2026-11-01',
  null,
];

async function hold(instance: string, dischargeDate: string | null, reason: HoldReason, since: Date): Promise<void> {
  const held = { reason, since, reminders: 0, changesWaiting: 0 };
  const casefileId = `1:${instance}/${dischargeDate}/${since.getTime()}`;
  const chart = aChart({ dischargeDate });
  const record = aRecord({ _id: newRecordId(), instance, casefileId, status: 'held', chart, hold: held });
  const read = { timeZone: ZONE, dischargedAt: dischargedAt(dischargeDate, ZONE) };
  await collections.records.insertOne({ ...record, ...read });
}

beforeAll(async () => {
  await setUp();
  // Inserted in neither ascending nor descending order.
  const mixed = DISCHARGES.map((_, n) => DISCHARGES[(n * 7 + 3) % DISCHARGES.length] ?? null);
  for (const dischargeDate of mixed) await hold('north', dischargeDate, 'webhook-missing', daysAgo(1));
  await hold('south', '2026-01-04T12:00:00', 'policy-always', daysAgo(40));
  await hold('south', null, 'webhook-failing', daysAgo(7));
  await hold('south', null, 'policy-always', daysAgo(20));
});

const listed = async (filter: Parameters<typeof records.held>[0], limit = 100) =>
  (await records.held(filter, limit)).map(({ chart }) => chart?.dischargeDate ?? null);

describe('The list of holds', () => {
  it('has the oldest discharge first, in any date format, and those without a discharge last', async () => {
    expect(await listed({ instance: 'north' })).toEqual(DISCHARGES);
  });

  it.each([1, 10, 11, 12])('keeps the order with a limit of %d', async (limit) => {
    expect(await listed({ instance: 'north' }, limit)).toEqual(DISCHARGES.slice(0, limit));
  });

  it('has the longest hold first among those without a discharge', async () => {
    const found = await records.held({ instance: 'south' }, 10);
    expect(found.map(({ hold: of }) => of?.since)).toEqual([40, 20, 7].map(daysAgo));
  });

  it.each([
    ['a reason', { reason: 'policy-always' }, 2],
    ['a reason without holds', { instance: 'north', reason: 'webhook-failing' }, 0],
    ['an age', { heldBefore: daysAgo(7) }, 3],
    ['a greater age', { heldBefore: daysAgo(8) }, 2],
    ['all filters together', { instance: 'south', reason: 'policy-always', heldBefore: daysAgo(30) }, 1],
  ] as const)('is filtered by %s', async (_, filter, n) => {
    expect(await listed(filter)).toHaveLength(n);
  });
});
