import type { Collection } from 'mongodb';
import { type RunMode, zeroCounts } from '../domain/run.ts';
import type { RunWarning } from '../domain/runWarnings.ts';
import { type RunDocument, SCHEMA_VERSION } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

const NEWEST: Order = { field: 'startedAt', direction: -1, type: 'date' };

const ENDED = ['completed', 'incomplete', 'failed'] as const;

/** Runs, and with them the cursor: a completed run says where the next one begins. */
export function runs(collection: Collection<RunDocument>) {
  return {
    get: (runId: string): Promise<RunDocument | null> => collection.findOne({ _id: runId }),

    /**
     * The instance's cursor, and the start of its last completed full run; null where there is none. A run that began
     * after `now` was timed by a clock that ran ahead, and doesn't count.
     */
    async lastCompleted(instance: string, now: Date): Promise<{ cursor: Date | null; lastFullAt: Date | null }> {
      const past = { instance, status: 'completed', startedAt: { $lte: now } } as const;
      const [last, lastFull] = await Promise.all([
        collection.findOne(past, { sort: { startedAt: -1 } }),
        collection.findOne({ ...past, mode: 'full' }, { sort: { startedAt: -1 } }),
      ]);
      return { cursor: last?.cursor ?? null, lastFullAt: lastFull?.startedAt ?? null };
    },

    /** Stores a run as it opens. The run of that id as it was first opened, when the step is repeated. */
    async open(run: Pick<RunDocument, '_id' | 'instance' | 'workflowId' | 'mode' | 'window' | 'startedAt'>) {
      const { _id, ...rest } = run;
      await collection.updateOne(
        { _id },
        {
          $setOnInsert: {
            ...rest,
            schemaVersion: SCHEMA_VERSION,
            status: 'running',
            endedAt: null,
            counts: zeroCounts(),
            fault: null,
            cursor: null,
          },
        },
        { upsert: true },
      );
      return (await collection.findOne({ _id })) ?? { ...run };
    },

    /** Closes earlier runs of the instance that never said how they ended: somebody terminated them in Temporal. */
    async closeAbandoned(instance: string, current: string, at: Date): Promise<void> {
      const fault = { code: 'terminated', text: 'The run ended without a word: its workflow was terminated.' };
      await collection.updateMany(
        { instance, status: 'running', _id: { $ne: current } },
        { $set: { status: 'incomplete', endedAt: at, fault } },
      );
    },

    /** Stores how a run ended. Only a completed run moves the cursor, to its own start. */
    async close(
      runId: string,
      ended: Pick<RunDocument, 'status' | 'counts' | 'fault'> & { warnings: RunWarning[]; at: Date },
    ): Promise<void> {
      const { status, counts, fault, warnings, at } = ended;
      const run = await collection.findOne({ _id: runId });
      const cursor = status === 'completed' ? (run?.startedAt ?? null) : null;
      await collection.updateOne({ _id: runId }, { $set: { status, counts, fault, warnings, endedAt: at, cursor } });
    },

    /** How many charts the instance's last completed full runs listed, the newest first. */
    async fullRunsListed(instance: string, limit: number): Promise<number[]> {
      const full = { instance, status: 'completed', mode: 'full' } as const;
      const found = await collection.find(full).sort({ startedAt: -1 }).limit(limit).toArray();
      return found.map(({ counts }) => counts.listed);
    },

    /** What the instance's last completed full runs listed, and their warnings, the newest first. */
    async fullRuns(instance: string, limit: number): Promise<{ listed: number; warnings: RunWarning[] }[]> {
      const full = { instance, status: 'completed', mode: 'full' } as const;
      const found = await collection.find(full).sort({ startedAt: -1 }).limit(limit).toArray();
      return found.map(({ counts, warnings = [] }) => ({ listed: counts.listed, warnings }));
    },

    /** The warnings that stand: of the instance's last ended run, and of its last ended full one. */
    async standingWarnings(instance: string): Promise<RunWarning[]> {
      const [last, lastFull] = await Promise.all([newestEnded(instance, {}), newestEnded(instance, { mode: 'full' })]);
      const all = [...(last?.warnings ?? []), ...(lastFull?.warnings ?? [])];
      return [...new Map(all.map((warning) => [warning.code, warning])).values()];
    },

    /** The warnings of the run of the same mode before this one. */
    async warningsBefore(run: Pick<RunDocument, 'instance' | 'mode' | 'startedAt'>): Promise<RunWarning[]> {
      const { instance, mode, startedAt } = run;
      return (await newestEnded(instance, { mode, startedAt: { $lt: startedAt } }))?.warnings ?? [];
    },

    /** Runs, the newest first. */
    list(filter: { instance?: string }, limit: number): Promise<RunDocument[]> {
      return collection.find(filter).sort({ startedAt: -1 }).limit(limit).toArray();
    },

    /** Runs of these instances, the newest first, behind the run `after`. */
    async page(instances: readonly string[], after: string | null, limit: number): Promise<KeysetPage<RunDocument>> {
      const last = after === null ? null : await collection.findOne({ _id: after });
      return keysetPage(collection, {
        streams: instances.map((instance) => ({ instance })),
        order: NEWEST,
        after: last && positionOf(last, NEWEST),
        limit,
      });
    },
  };

  /** Looks for each status by itself: one document each, by an index, however many runs there are. */
  async function newestEnded(
    instance: string,
    narrowed: { mode?: RunMode; startedAt?: { $lt: Date } },
  ): Promise<RunDocument | null> {
    const found = await Promise.all(
      ENDED.map((status) => collection.findOne({ instance, status, ...narrowed }, { sort: { startedAt: -1 } })),
    );
    const newestFirst = found
      .filter((run) => run !== null)
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    return newestFirst[0] ?? null;
  }
}
