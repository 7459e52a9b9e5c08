import type { Db } from 'mongodb';
import { searchKeys } from '../domain/search.ts';
import type { RecordDocument } from './documents.ts';

const AT_ONCE = 500;

/** Gives records from before the search what they are found by. */
export async function backfillSearch(db: Db): Promise<void> {
  const records = db.collection<RecordDocument>('records');
  for (;;) {
    const found = await records
      .find({ search: { $exists: false }, chart: { $ne: null } }, { projection: { chart: 1 } })
      .limit(AT_ONCE)
      .toArray();
    if (found.length === 0) return;
    await records.bulkWrite(
      found.map(({ _id, chart }) => ({
        // A pull that comes first knows better.
        updateOne: { filter: { _id, search: { $exists: false } }, update: { $set: { search: searchKeys(chart) } } },
      })),
      { ordered: false },
    );
  }
}
