import type { Collection } from 'mongodb';
import type { FaultCode } from '../domain/fault.ts';
import type { RunWarning } from '../domain/run.ts';
import { endedStatuses, type RunMode, warningsOf, zeroCounts } from '../domain/run.ts';
import { type RunDocument, SCHEMA_VERSION } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

const NEWEST: Order = { field: 'startedAt', direction: -1, type: 'date' };

/** Operations on runs. The start of the last completed run is the cursor, where the next one begins. */
export function runs(collection: Collection<RunDocument>) {
  return {
    get: (runId: string): Promise<RunDocument | null> => collection.findOne({ _id: runId }),

    /**
     * Returns the instance's cursor and the start of its last completed full run; null if there is none. A run that began after
     * `now` is ignored, because it was timed by a wrong clock.
     */
    async lastCompleted(instance: string, now: Date): Promise<{ cursor: Date | null; lastFullAt: Date | null }> {
      const past = { instance, status: 'completed', startedAt: { $lte: now } } as const;
      const [last, lastFull] = await Promise.all([
        collection.findOne(past, { sort: { startedAt: -1 } }),
        collection.findOne({ ...past, mode: 'full' }, { sort: { startedAt: -1 } }),
      ]);
      return { cursor: last?.cursor ?? null, lastFullAt: lastFull?.startedAt ?? null };
    },

    /** Stores a new run. Returns the run as it was first stored, also when the activity is repeated. */
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

    /**
     * Returns the ids of the instance's other runs that are still open. Since its runs do not overlap, their workflow was
     * terminated, or it took too long and was ended.
     */
    async abandoned(instance: string, current: string): Promise<string[]> {
      const found = await collection.find(openExcept(instance, current), { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id);
    },

    /** Closes these runs. They do not move the cursor. */
    async closeAbandoned(instance: string, current: string, at: Date): Promise<void> {
      const code: FaultCode = 'terminated';
      const fault = { code, text: 'The workflow of the run was terminated, or it took too long and was ended.' };
      await collection.updateMany(openExcept(instance, current), {
        $set: { status: 'incomplete', endedAt: at, fault },
      });
    },

    /** Stores how a run ended. Only a completed run moves the cursor, to its own start. */
    async close(
      runId: string,
      ended: Pick<RunDocument, 'status' | 'counts' | 'fault'> & { warnings: RunWarning[]; owed: number; at: Date },
    ): Promise<void> {
      const { status, counts, fault, warnings, owed, at } = ended;
      const run = await collection.findOne({ _id: runId });
      const cursor = status === 'completed' ? (run?.startedAt ?? null) : null;
      await collection.updateOne(
        { _id: runId },
        { $set: { status, counts, fault, warnings, owed, endedAt: at, cursor } },
      );
    },

    /** Returns how many charts the instance's last completed full runs listed, newest first. */
    async fullRunsListed(instance: string, limit: number): Promise<number[]> {
      const full = { instance, status: 'completed', mode: 'full' } as const;
      const found = await collection.find(full).sort({ startedAt: -1 }).limit(limit).toArray();
      return found.map(({ counts }) => counts.listed);
    },

    /** Returns the counts and warnings of the instance's last completed full runs, newest first. */
    async fullRuns(instance: string, limit: number): Promise<{ listed: number; warnings: RunWarning[] }[]> {
      const full = { instance, status: 'completed', mode: 'full' } as const;
      const found = await collection.find(full).sort({ startedAt: -1 }).limit(limit).toArray();
      return found.map(({ counts, warnings = [] }) => ({ listed: counts.listed, warnings }));
    },

    /** Returns the current warnings: of the instance's last ended run, and of its last ended full run. */
    async standingWarnings(instance: string): Promise<RunWarning[]> {
      const [last, lastFull] = await Promise.all([newestEnded(instance, {}), newestEnded(instance, { mode: 'full' })]);
      return warningsOf(last, lastFull);
    },

    /** Returns the warnings of the previous run of the same mode. */
    async warningsBefore(run: Pick<RunDocument, 'instance' | 'mode' | 'startedAt'>): Promise<RunWarning[]> {
      const { instance, mode, startedAt } = run;
      return (await newestEnded(instance, { mode, startedAt: { $lt: startedAt } }))?.warnings ?? [];
    },

    /** Returns when the first run of these instances began, and the first day that it listed; null before any run. */
    async first(instances: readonly string[]): Promise<{ at: Date; day: string } | null> {
      const found = await Promise.all(
        instances.map((instance) => collection.findOne({ instance }, { sort: { startedAt: 1 } })),
      );
      const runs = found.filter((run) => run !== null).sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
      const [first] = runs;
      if (first === undefined) return null;
      const [day = first.window.startDay] = runs.map(({ window }) => window.startDay).sort();
      return { at: first.startedAt, day };
    },

    /** Returns runs, newest first. */
    list,

    /** Returns the instance's last runs, newest first. Those since `recent` are read first, and are nearly always enough. */
    async lastOf(instance: string, limit: number, recent: Date): Promise<RunDocument[]> {
      const found = await collection
        .find({ instance, startedAt: { $gte: recent } })
        .sort({ startedAt: -1 })
        .limit(limit)
        .toArray();
      return found.length < limit ? list({ instance }, limit) : found;
    },

    /**
     * Returns how the last runs of an instance ended, newest first, at most so many. Reads only the newest ones where the last one
     * that ended had no fault, as at most times: this is asked every few seconds.
     */
    async endings(instance: string, most: number): Promise<Pick<RunDocument, 'status' | 'fault' | 'startedAt'>[]> {
      const read = (limit: number) =>
        collection
          .find({ instance }, { projection: { status: 1, fault: 1, startedAt: 1 } })
          .sort({ startedAt: -1 })
          .limit(limit)
          .toArray();
      const newest = await read(2);
      const ended = newest.find(({ status }) => status !== 'running');
      return newest.length < 2 || ended?.fault === null ? newest : read(most);
    },

    /** Returns a page of runs of these instances after the run `after`, newest first. A run of another instance is ignored. */
    async page(instances: readonly string[], after: string | null, limit: number): Promise<KeysetPage<RunDocument>> {
      const last = after === null ? null : await collection.findOne({ _id: after, instance: { $in: [...instances] } });
      return keysetPage(collection, {
        streams: instances.map((instance) => ({ instance })),
        order: NEWEST,
        after: last && positionOf(last, NEWEST),
        limit,
      });
    },
  };

  function list(filter: { instance?: string }, limit: number): Promise<RunDocument[]> {
    return collection.find(filter).sort({ startedAt: -1 }).limit(limit).toArray();
  }

  /** Looks for each status by itself: one document each, by an index, however many runs there are. */
  async function newestEnded(
    instance: string,
    narrowed: { mode?: RunMode; startedAt?: { $lt: Date } },
  ): Promise<RunDocument | null> {
    const found = await Promise.all(
      endedStatuses.map((status) => collection.findOne({ instance, status, ...narrowed }, { sort: { startedAt: -1 } })),
    );
    const newestFirst = found
      .filter((run) => run !== null)
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    return newestFirst[0] ?? null;
  }
}

function openExcept(instance: string, current: string) {
  return { instance, status: 'running' as const, _id: { $ne: current } };
}
