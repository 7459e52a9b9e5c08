import { type AnyBulkWriteOperation, type Collection, type Document, MongoClient } from 'mongodb';
import type { Instance } from '../config/instances.ts';
import { decidePull } from '../domain/pull.ts';
import { desiredReferral } from '../domain/referral.ts';
import type { DayWindow } from '../domain/run.ts';
import { searchKeys } from '../domain/search.ts';
import { KipuClient } from '../kipu/index.ts';

/**
 * What a loop stores of a chart: in `records` its version and content, in `referrals` the content of the referral, without a
 * history of changes.
 */
type Stored = { _id: string } & Document;

export interface LoopOptions {
  instance: Instance;
  mongoUri: string;
  /** Concurrent requests to KIPU. */
  atOnce: number;
  /** Documents per write; 1 for one upsert per document. */
  bulk: number;
  onCommand: () => void;
}

export interface ListedChart {
  casefileId: string;
  version: string | null;
}

/** The database of its documents, and the task queue of a worker that does the same in workflows. */
export const LOOP_DATABASE = 'loop';
export const BARE_QUEUE = 'bare';
const PAGE_SIZE = 100;

/**
 * The program that the service is compared with: it lists KIPU's charts, reads those whose version changed, some at once, and
 * stores what the service stores of them, without a run, guarded writes, retries or history. Its collections have no validators.
 */
export function openLoop({ instance, mongoUri, atOnce, bulk, onCommand }: LoopOptions) {
  const { lockPolicy: _, locationTimeZones: __, timeZone = 'UTC', webhookSecrets: ___, ...access } = instance;
  const kipu = new KipuClient({ ...access, connections: atOnce + 1 });
  const mongo = new MongoClient(mongoUri, {
    ...{ writeConcern: { w: 'majority' }, readConcern: { level: 'majority' }, ignoreUndefined: true },
    monitorCommands: true,
  });
  mongo.on('commandStarted', onCommand);
  const records = mongo.db(LOOP_DATABASE).collection<Stored>('records');
  const referrals = mongo.db(LOOP_DATABASE).collection<Stored>('referrals');
  const writers = { records: writer(records, bulk), referrals: writer(referrals, bulk) };
  let ownLocations: readonly string[] = [];

  return {
    async run(window: DayWindow): Promise<number> {
      await readLocations();
      const due = dueCharts(window);
      let pulled = 0;
      const pullAll = async () => {
        for await (const listed of due) {
          await pull(listed);
          pulled += 1;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, pullAll));
      await Promise.all([writers.records.flush(), writers.referrals.flush()]);
      return pulled;
    },
    readLocations,
    listPage,
    pull,
    async close() {
      await kipu.close();
      await mongo.close();
    },
  };

  async function readLocations(): Promise<void> {
    ownLocations = (await kipu.locations()).map(({ name }) => name).filter((name) => name !== '');
  }

  async function listPage(window: DayWindow, page: number): Promise<{ charts: ListedChart[]; next: number | null }> {
    const { rows, next } = await kipu.latestPage({ ...window, page, per: PAGE_SIZE });
    return { charts: rows.map(({ casefileId, lastUpdatedAt }) => ({ casefileId, version: lastUpdatedAt })), next };
  }

  /** Lists the charts whose version is not stored. The next page is requested while this one is pulled. */
  async function* dueCharts(window: DayWindow): AsyncGenerator<ListedChart> {
    let listing = listPage(window, 1);
    for (;;) {
      const { charts, next } = await listing;
      if (next !== null) listing = listPage(window, next);
      const ids = charts.map(({ casefileId }) => casefileId);
      const known = await records.find({ _id: { $in: ids } }, { projection: { version: 1 } }).toArray();
      const versions = new Map(known.map(({ _id, version }) => [_id, version]));
      for (const chart of charts) if (versions.get(chart.casefileId) !== chart.version) yield chart;
      if (next === null) return;
    }
  }

  async function pull({ casefileId, version }: ListedChart): Promise<void> {
    const chart = await kipu.chart(casefileId);
    const updatedAt = new Date();
    const rules = { lockPolicy: 'never', chartUpdate: 'unknown', timeZone } as const;
    const decision = decidePull(chart, { unlockedBefore: false }, rules, updatedAt);
    const desired = desiredReferral(chart, ownLocations, timeZone);
    const referral = decision.do === 'save' && 'content' in desired ? desired.content : null;
    const common = { _id: casefileId, instance: instance.name, casefileId, updatedAt };
    const record = { ...common, status: 'synced', version, chart, search: searchKeys(chart) };
    await Promise.all([
      writers.records.write(record),
      referral && writers.referrals.write({ ...common, status: 'open', ...referral }),
    ]);
  }
}

/** Upserts documents, one at a time or some together. */
function writer(collection: Collection<Stored>, bulk: number) {
  let waiting: AnyBulkWriteOperation<Stored>[] = [];
  const flush = async () => {
    const operations = waiting;
    waiting = [];
    if (operations.length > 0) await collection.bulkWrite(operations, { ordered: false });
  };
  return {
    async write({ _id, ...fields }: Stored): Promise<void> {
      const [filter, update] = [{ _id }, { $set: fields }];
      if (bulk === 1) await collection.updateOne(filter, update, { upsert: true });
      else waiting.push({ updateOne: { filter, update, upsert: true } });
      if (waiting.length >= bulk) await flush();
    },
    flush,
  };
}
