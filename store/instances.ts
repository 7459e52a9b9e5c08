import type { Collection } from 'mongodb';
import type { RowsCarryChart } from '../domain/rowCharts.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** What an instance is known by between runs. */
export interface InstanceDocument {
  _id: string;
  schemaVersion: number;
  locations: string[];
  fullRequestedAt: Date | null;
  /** Whether rows of its census carry whole charts; absent while no run has seen any. */
  rowsCarryChart?: RowsCarryChart;
  /** People were told that the receiver of webhooks is away, and not yet that it is back; absent where they never were. */
  toldReceiverAway?: boolean;
}

/** What is known of each instance between runs. */
export function instances(collection: Collection<InstanceDocument>) {
  return {
    /** Names of the instances that were ever synced, also of those that the settings no longer name. */
    async names(): Promise<string[]> {
      const found = await collection.find({}, { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id).sort();
    },

    /** The instance's own location names, as last read; empty before the first run. */
    async locations(instance: string): Promise<string[]> {
      return (await collection.findOne({ _id: instance }))?.locations ?? [];
    },

    /** Keeps the instance's own location names. */
    async keepLocations(instance: string, locations: string[]): Promise<void> {
      const known = await collection.findOne({ _id: instance });
      if (known !== null && JSON.stringify(known.locations) === JSON.stringify(locations)) return;
      await collection.updateOne(
        { _id: instance },
        { $set: { locations }, $setOnInsert: { schemaVersion: SCHEMA_VERSION, fullRequestedAt: null } },
        { upsert: true },
      );
    },

    /** What is known of the instance's census rows; null while no run has seen any. */
    async rowsCarryChart(instance: string): Promise<RowsCarryChart | null> {
      return (await collection.findOne({ _id: instance }))?.rowsCarryChart ?? null;
    },

    /** Stores what a run found out about the instance's census rows. */
    async noteRows(instance: string, rowsCarryChart: RowsCarryChart): Promise<void> {
      const fresh = { schemaVersion: SCHEMA_VERSION, locations: [], fullRequestedAt: null };
      await collection.updateOne(
        { _id: instance },
        { $set: { rowsCarryChart }, $setOnInsert: fresh },
        { upsert: true },
      );
    },

    /** Whether people were told that the receiver of webhooks is away, and not yet that it is back. */
    async toldReceiverAway(instance: string): Promise<boolean> {
      return (await collection.findOne({ _id: instance }))?.toldReceiverAway ?? false;
    },

    /** Stores whether people were told so. */
    async noteReceiverAway(instance: string, away: boolean): Promise<void> {
      await collection.updateOne({ _id: instance }, { $set: { toldReceiverAway: away } });
    },

    /** When a person last asked for a full run; null for never. */
    async fullRequestedAt(instance: string): Promise<Date | null> {
      return (await collection.findOne({ _id: instance }))?.fullRequestedAt ?? null;
    },

    /** Asks that the next run of the instance be full. */
    async requestFull(instance: string, at: Date): Promise<void> {
      await collection.updateOne(
        { _id: instance },
        { $set: { fullRequestedAt: at }, $setOnInsert: { schemaVersion: SCHEMA_VERSION, locations: [] } },
        { upsert: true },
      );
    },
  };
}
