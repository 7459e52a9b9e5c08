import type { Collection } from 'mongodb';
import type { RowsCarryChart } from '../domain/rowCharts.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** What is stored about an instance between runs. */
export interface InstanceDocument {
  _id: string;
  schemaVersion: number;
  locations: string[];
  /** When KIPU last said which locations it has; absent in documents of earlier versions. */
  locationsReadAt?: Date;
  fullRequestedAt: Date | null;
  /** Whether rows of its census carry whole charts; absent before the first row. */
  rowsCarryChart?: RowsCarryChart;
  /** Whom staff may ask at its locations, as an administrator entered it; absent for nobody. */
  contacts?: LocationContact[];
}

/** Whom to ask at a location: a team, a name, a phone number. */
export interface LocationContact {
  location: string;
  who: string;
}

/** Operations on the instances. */
export function instances(collection: Collection<InstanceDocument>) {
  return {
    /** Returns the names of all instances that were ever synced, including those that the settings no longer name. */
    async names(): Promise<string[]> {
      const found = await collection.find({}, { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id).sort();
    },

    /** Returns the names of the instance's own locations, as last read; none before the first run. */
    async locations(instance: string): Promise<string[]> {
      return (await collection.findOne({ _id: instance }))?.locations ?? [];
    },

    /** Returns what is stored about these instances; nothing of those that were never synced. */
    async several(names: readonly string[]): Promise<Map<string, InstanceDocument>> {
      const found = await collection.find({ _id: { $in: [...names] } }).toArray();
      return new Map(found.map((one) => [one._id, one]));
    },

    /** Stores whom to ask at the instance's locations. */
    async setContacts(instance: string, contacts: LocationContact[]): Promise<void> {
      await collection.updateOne({ _id: instance }, { $set: { contacts } });
    },

    /** Returns the names of its locations, and when KIPU last said so; null for never. */
    async locationsRead(instance: string): Promise<{ names: string[]; at: Date | null }> {
      const found = await collection.findOne({ _id: instance });
      return { names: found?.locations ?? [], at: found?.locationsReadAt ?? null };
    },

    /**
     * Stores the names of the instance's own locations, as read at this time. None does not replace known ones: a clinic does not lose all its
     * locations, but an API client can lose the right to read them.
     */
    async keepLocations(instance: string, locations: string[], at: Date): Promise<void> {
      const fresh = { schemaVersion: SCHEMA_VERSION, fullRequestedAt: null };
      const read = { locationsReadAt: at };
      await collection.updateOne(
        { _id: instance },
        locations.length > 0
          ? { $set: { locations, ...read }, $setOnInsert: fresh }
          : { $set: read, $setOnInsert: { ...fresh, locations } },
        { upsert: true },
      );
    },

    /** Returns what is known about the instance's census rows; null before the first row. */
    async rowsCarryChart(instance: string): Promise<RowsCarryChart | null> {
      return (await collection.findOne({ _id: instance }))?.rowsCarryChart ?? null;
    },

    /** Stores what a run learned about the instance's census rows. */
    async noteRows(instance: string, rowsCarryChart: RowsCarryChart): Promise<void> {
      const fresh = { schemaVersion: SCHEMA_VERSION, locations: [], fullRequestedAt: null };
      await collection.updateOne(
        { _id: instance },
        { $set: { rowsCarryChart }, $setOnInsert: fresh },
        { upsert: true },
      );
    },

    /** Returns when a full run was last requested; null for never. */
    async fullRequestedAt(instance: string): Promise<Date | null> {
      return (await collection.findOne({ _id: instance }))?.fullRequestedAt ?? null;
    },

    /** Requests that the next run of the instance is full. */
    async requestFull(instance: string, at: Date): Promise<void> {
      await collection.updateOne(
        { _id: instance },
        { $set: { fullRequestedAt: at }, $setOnInsert: { schemaVersion: SCHEMA_VERSION, locations: [] } },
        { upsert: true },
      );
    },
  };
}
