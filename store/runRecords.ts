import type { Collection, Document } from 'mongodb';
import type { PullOutcome } from '../domain/pull.ts';
import type { RecordDocument, RunDocument } from './documents.ts';
import type { KeysetPage } from './keyset.ts';

type Counted = Pick<RunDocument, 'instance' | 'workflowId' | 'startedAt'>;

/**
 * Queries of the records that a run counted, as far as nothing pulled them since. They were written after the run began, so the
 * index of the latest changes bounds the search: an index of its own would cost every pull.
 */
export function runRecords(collection: Collection<RecordDocument>) {
  return {
    /** Returns a page of the records with this outcome after the record `after`, the first written first. */
    async countedPage(
      run: Counted,
      outcome: PullOutcome,
      after: string | null,
      limit: number,
    ): Promise<KeysetPage<RecordDocument>> {
      const last = after === null ? null : await collection.findOne({ _id: after, instance: run.instance });
      const behind = last && {
        $or: [{ updatedAt: { $gt: last.updatedAt } }, { updatedAt: last.updatedAt, _id: { $lt: last._id } }],
      };
      const found = await collection
        .find({ ...counted(run, outcome), ...(behind ?? {}) })
        // Backward through the index of the latest changes.
        .sort({ updatedAt: 1, _id: -1 })
        .limit(limit + 1)
        .toArray();
      return { found: found.slice(0, limit), more: found.length > limit };
    },

    /** Returns how many records with this outcome were not pulled since. */
    countedNow: (run: Counted, outcome: PullOutcome): Promise<number> =>
      collection.countDocuments(counted(run, outcome)),
  };
}

function counted({ instance, workflowId, startedAt }: Counted, outcome: PullOutcome): Document {
  return { updatedAt: { $gte: startedAt }, instance, 'lastPull.run': workflowId, 'lastPull.outcome': outcome };
}
