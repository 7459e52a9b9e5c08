import { describe, expect, it } from 'vitest';
import { readAttention, readAttentionAt, readLockedCount, recentAttention } from '../../../client/attention.ts';
import type { WebhookHealth } from '../../../domain/lock.ts';
import { heldRecord } from '../../support/markedDocuments.ts';
import { emptyData, memoryStore, type StoredData } from '../../support/memoryStore.ts';
import { aMeasuredWebhook, at } from '../../support/recordFixtures.ts';

const storeOf = (data: Partial<StoredData>) => memoryStore({ ...emptyData(), ...data });
const north = { instances: ['north'], watched: ['north'] };
const works = (['patient-creation', 'chart-update'] as const).map((webhook) => aMeasuredWebhook({ webhook }));
const updates = (locationName: string, health: WebhookHealth) =>
  aMeasuredWebhook({ webhook: 'chart-update', locationId: locationName, locationName, health });

describe('What needs a person', () => {
  it.each<[string, Partial<StoredData>, string[]]>([
    ['nothing, where both webhooks work', { webhooks: works }, []],
    [
      'both webhooks, where neither was ever measured',
      {},
      ['connection: KIPU has never sent Patient Creation', 'connection: KIPU has never sent Chart Update'],
    ],
    [
      'one item for locations with the same trouble',
      { webhooks: [...works, updates('Detox', 'failing'), updates('Residential', 'failing')] },
      ['connection at Detox and Residential: KIPU does not always send Chart Update'],
    ],
    [
      'the receiver once, not for each webhook',
      {
        webhooks: [...works, updates('Detox', 'unknown')],
        conditions: [{ instance: 'north', kind: 'receiver-away', detail: null, text: '', since: at }],
      },
      ['receiver: Our webhook receiver is down'],
    ],
    [
      'an open condition, but not that records fail, which are listed themselves',
      {
        webhooks: works,
        conditions: [
          { instance: 'north', kind: 'late', detail: null, text: '', since: at },
          { instance: 'north', kind: 'records-failing', detail: 'not-found', text: '', since: at },
          { instance: 'south', kind: 'paused', detail: null, text: '', since: at },
        ],
      },
      ['connection: No sync has ended for too long'],
    ],
  ])('is %s', async (_what, data, expected) => {
    const { items, counts } = await readAttention(storeOf(data), north, at);
    const said = items.map(({ kind, location, what }) => `${kind}${location ? ` at ${location}` : ''}: ${what}`);
    expect(said).toHaveLength(expected.length);
    for (const [n, text] of expected.entries()) expect(said[n]).toContain(text);
    expect(counts.connection + counts.receiver).toBe(expected.length);
  });

  it('of a webhook has when it last arrived at any location with the same trouble', async () => {
    const [first, second] = [new Date('2026-02-01T00:00:00Z'), new Date('2026-02-02T00:00:00Z')];
    const failing = [first, second, null].map((lastDeliveryAt, n) => ({
      ...updates(`${n}`, 'failing'),
      lastDeliveryAt,
    }));
    const since = async (webhooks: StoredData['webhooks']) =>
      (await readAttention(storeOf({ webhooks: [...works, ...webhooks] }), north, at)).items[0]?.since;
    expect(await since(failing.slice(0, 2))).toEqual(second);
    expect(await since(failing.slice(2))).toBeNull();
  });

  it('at one location leaves the webhooks of others out', async () => {
    const store = storeOf({ webhooks: [...works, updates('Detox', 'failing')] });
    const { items } = await readAttentionAt(store, north, { now: at, location: 'Residential' });
    expect(items.filter(({ what }) => what.includes('always send'))).toEqual([]);
  });
});

describe('What the navigation counts', () => {
  const total = async (...of: Parameters<typeof recentAttention>) => {
    const { counts } = await recentAttention(...of);
    return Object.values(counts).reduce((sum, n) => sum + n, 0);
  };
  const both = { instances: ['north', 'south'], watched: ['north', 'south'] };
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
  const started = () => {
    const data = { ...emptyData(), webhooks: works, records: [heldRecord()] };
    return { data, store: memoryStore(data) };
  };

  it('is read once in some seconds, of the same instances alone, and again after them', async () => {
    const { data, store } = started();
    expect(await total(store, north, at)).toBe(1);
    data.records.push(heldRecord());
    expect(await total(store, north, later(4))).toBe(1);
    expect(await total(store, both, later(4))).toBe(4);
    expect(await total(store, north, later(6))).toBe(2);
  });

  it('is what a page has just counted', async () => {
    const { data, store } = started();
    expect(await total(store, north, at)).toBe(1);
    data.records.push(heldRecord());
    expect(await readLockedCount(store, north.instances, later(1))).toBe(2);
    expect((await recentAttention(store, north, later(2))).counts.locked).toBe(2);
    data.records.push(heldRecord({}, { status: 'notReady', hold: null, missing: ['dob'] }));
    expect((await readAttention(store, north, later(3))).counts).toMatchObject({ locked: 2, missing: 1 });
    expect(await total(store, north, later(4))).toBe(3);
  });

  it('has the records of a retired connection, which itself needs nobody', async () => {
    const { store } = started();
    expect(await total(store, { instances: ['north', 'south'], watched: ['north'] }, at)).toBe(1);
    expect(await total(store, { instances: ['north'], watched: [] }, at)).toBe(1);
  });

  it('is read again after a read that failed', async () => {
    const store = storeOf({ webhooks: works });
    const { openOf } = store.notices;
    store.notices.openOf = () => Promise.reject(new Error('away'));
    await expect(total(store, north, at)).rejects.toThrow('away');
    store.notices.openOf = openOf;
    expect(await total(store, north, at)).toBe(0);
  });
});
