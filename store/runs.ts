import type { Collection } from 'mongodb';
import { type RunCounts, type RunStatus, zeroCounts } from '../domain/run.ts';
import { type RunDocument, SCHEMA_VERSION } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

const NEWEST: Order = { field: 'startedAt', direction: -1, type: 'date' };

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
      ended: { status: RunStatus; counts: RunCounts; fault: { code: string; text: string } | null; at: Date },
    ): Promise<void> {
      const { status, counts, fault, at } = ended;
      const run = await collection.findOne({ _id: runId });
      const cursor = status === 'completed' ? (run?.startedAt ?? null) : null;
      await collection.updateOne({ _id: runId }, { $set: { status, counts, fault, endedAt: at, cursor } });
    },

    /** How many charts the instance's last completed full runs listed, the newest first. */
    async fullRunsListed(instance: string, limit: number): Promise<number[]> {
      const full = { instance, status: 'completed', mode: 'full' } as const;
      const found = await collection.find(full).sort({ startedAt: -1 }).limit(limit).toArray();
      return found.map(({ counts }) => counts.listed);
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
}
