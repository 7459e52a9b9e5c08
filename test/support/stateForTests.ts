import type { StateParts } from '../../telemetry/state.ts';
import { aRun, emptyData, memoryStore, type StoredData } from './memoryStore.ts';
import { at } from './recordFixtures.ts';

/** What a test says about the state of a service that works: one instance `north`, at `at`. */
export interface StateForTests {
  data?: Partial<StoredData>;
  owed?: number;
  lastUp?: Date | null;
  backlog?: { count: number; oldest: Date } | null;
  paused?: boolean;
  database?: 'up' | 'away' | 'silent';
  temporal?: 'up' | 'away' | 'silent';
  now?: Date;
}

/** Returns the parts that read the state from a store in memory. */
export function stateForTests(options: StateForTests = {}): StateParts {
  const { owed = 0, lastUp = at, backlog = null, paused = false, database = 'up', temporal = 'up', now = at } = options;
  const data: StoredData = { ...emptyData(), runs: [aRun()], ...options.data };
  const store = memoryStore(data);
  const held = data.records.filter(({ hold }) => hold !== null);
  const answer = (how: 'up' | 'away' | 'silent') => async () => {
    if (how === 'silent') await new Promise(() => undefined);
    if (how === 'away') throw new Error('away');
  };
  const parts = {
    ...store,
    ping: answer(database),
    runs: { ...store.runs, lastCompleted: async () => ({ cursor: data.runs[0]?.cursor ?? null, lastFullAt: null }) },
    records: {
      tally: async () => {
        const counts: Record<string, number> = {};
        for (const { status } of data.records) counts[status] = (counts[status] ?? 0) + 1;
        return counts;
      },
      countOwed: async () => owed,
      oldestHold: async () =>
        held.map(({ hold }) => hold?.since ?? at).sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
      heldCount: async ({ heldBefore = at }: { heldBefore?: Date }) =>
        held.filter(({ hold }) => hold !== null && hold.since <= heldBefore).length,
    },
    deliveries: { ...store.deliveries, backlog: async () => new Map(backlog === null ? [] : [['north', backlog]]) },
    receiverUptime: { lastKnown: async () => lastUp },
    auditEvents: { list: async () => data.audit.slice(-1) },
    auditPages: store.auditPages,
  };
  // A database that is away answers nothing.
  const away = new Proxy(parts, {
    get: (_, name) => (name === 'ping' ? answer(database) : new Proxy({}, { get: () => answer(database) })),
  });
  return {
    store: (database === 'up' ? parts : away) as unknown as StateParts['store'],
    temporal: answer(temporal),
    ...{
      instances: () => ['north'],
      isPaused: () => paused,
      freshWithinMs: 90 * 60_000,
      now: () => now,
      timeoutMs: 50,
    },
  };
}
