import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { applyConnections } from '../../../../client/connections/apply.ts';
import { fieldsOf } from '../../../../client/connections/connection.ts';
import type { ConnectionState } from '../../../../domain/connection.ts';
import type { TimeZones } from '../../../../domain/time.ts';
import type { KipuConnectionDocument } from '../../../../store/kipuConnections.ts';
import { memoryConnections, testKey } from '../../../support/memoryConnections.ts';

const by = { by: 'rvale', at: new Date('2026-03-02T10:00:00Z') };
const schedule = { everyMinutes: 60, jitterSeconds: 30, catchUpMinutes: 360 };
const retired = { state: 'retired', secretKey: null, webhookSecrets: null } as const;

interface Created {
  scheduleId: string;
  state?: { paused: boolean };
}

/** Returns stored connections in these states, and a Temporal that notes what is done to schedules. */
async function connections(states: Record<string, ConnectionState>) {
  const documents: KipuConnectionDocument[] = [];
  const kipuConnections = memoryConnections(documents);
  for (const [name, state] of Object.entries(states)) {
    const credentials = {
      name,
      baseUrl: 'http://127.0.0.1:4010',
      appId: 'app',
      accessId: 'access',
      secretKey: 'invented',
    };
    const instance = { ...credentials, digest: 'sha256', lockPolicy: 'never', timeZone: 'America/Denver' } as const;
    await kipuConnections.add(name, fieldsOf(instance, state === 'paused' ? 'paused' : 'active', [testKey(1)]), by);
    if (state === 'retired') await kipuConnections.change(name, 1, retired, by);
  }
  const done: string[] = [];
  const temporal = { isDown: false, onCreate: async () => undefined as unknown };
  const parts = {
    connection: { withDeadline: (_deadline: number, call: () => Promise<unknown>) => call() },
    schedule: {
      async create({ scheduleId, state }: Created) {
        if (temporal.isDown) throw new Error('down');
        done.push(`${scheduleId} ${state?.paused === true ? 'paused' : 'active'}`);
        await temporal.onCreate();
      },
      getHandle: (scheduleId: string) => ({
        describe: async () => ({ action: { taskQueue: 'queue' }, info: { runningActions: [] } }),
        delete: async () => void done.push(`${scheduleId} deleted`),
      }),
    },
  };
  const zones: [string, TimeZones][] = [];
  const store = {
    kipuConnections,
    records: { rezone: async (name: string, wanted: TimeZones) => void zones.push([name, wanted]) },
    notices: { endAll: async (name: string) => void done.push(`${name} has no conditions`) },
  };
  const apply = (fixed: { name: string }[] = []) =>
    applyConnections({
      // Only what it calls.
      ...{
        store: store as unknown as Parameters<typeof applyConnections>[0]['store'],
        client: parts as unknown as Client,
      },
      ...{ taskQueue: 'queue', schedule, fixed },
    });
  return { documents, kipuConnections, apply, done, zones, temporal };
}

describe('A change of connections', () => {
  it('is applied once: schedules are created, paused and deleted, and dates are read in the zone', async () => {
    const { apply, done, zones } = await connections({ east: 'active', north: 'retired', west: 'paused' });
    expect(await apply()).toEqual(['east', 'north', 'west']);
    expect(done).toEqual([
      ...['sync/east active', 'sync/north deleted', 'north has no conditions', 'sync/west paused'],
    ]);
    expect(zones).toEqual([
      ...['east', 'west'].map((name) => [name, { timeZone: 'America/Denver', locationTimeZones: {} }]),
    ]);
    expect(await apply()).toEqual([]);
    expect(done).toHaveLength(4);
  });

  it('leaves the schedule of a name that the settings have', async () => {
    const { apply, done } = await connections({ east: 'retired' });
    expect(await apply([{ name: 'east' }])).toEqual([]);
    expect(done).toEqual([]);
  });

  it('stays owed while Temporal does not answer, also for the others', async () => {
    const { apply, done, temporal } = await connections({ east: 'active', west: 'active' });
    temporal.isDown = true;
    await expect(apply()).rejects.toThrow('down');
    temporal.isDown = false;
    expect(await apply()).toEqual(['east', 'west']);
    expect(done).toHaveLength(2);
  });

  it('is applied again where another person changed the connection meanwhile', async () => {
    const { apply, done, temporal, kipuConnections, documents } = await connections({ east: 'active' });
    temporal.onCreate = () => {
      temporal.onCreate = async () => undefined;
      return kipuConnections.change('east', 1, { state: 'paused' }, by);
    };
    expect(await apply()).toEqual(['east']);
    expect(done).toEqual(['sync/east active', 'sync/east paused']);
    expect(documents).toMatchObject([{ rev: 2, appliedRev: 2 }]);
  });
});
