import type { Collection } from 'mongodb';
import type { ConnectionState } from '../domain/connection.ts';
import type { LockPolicy } from '../domain/lock.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** A KIPU instance that was added by the command or on the page. Its secrets are encrypted; the key is in the settings. */
export interface KipuConnectionDocument {
  /** The name of the instance. */
  _id: string;
  schemaVersion: number;
  state: ConnectionState;
  baseUrl: string;
  appId: string;
  accessId: string;
  /** Encrypted; null when it is retired. */
  secretKey: string | null;
  digest: string;
  lockPolicy: LockPolicy;
  timeZone: string | null;
  /** By KIPU's location id. */
  locationTimeZones: Record<string, string>;
  /** Null for the rate of the settings. */
  callsPerSecond: number | null;
  /** An encrypted JSON list of the secrets of each kind of webhook, the newest first; null when it is retired. */
  webhookSecrets: Record<Webhook, string> | null;
  /** How many times it was changed. Each change is guarded by it. */
  rev: number;
  /** The `rev` that its schedule and its records follow. */
  appliedRev: number;
  createdAt: Date;
  createdBy: string;
  changedAt: Date;
  changedBy: string;
}

/** The part of a connection that people change. */
export type ConnectionFields = Omit<
  KipuConnectionDocument,
  '_id' | 'schemaVersion' | 'rev' | 'appliedRev' | `created${'At' | 'By'}` | `changed${'At' | 'By'}`
>;

/** Who changes a connection, and when. */
interface Change {
  by: string;
  at: Date;
}

/** Operations on the connections. */
export function kipuConnections(collection: Collection<KipuConnectionDocument>) {
  return {
    /** Returns all connections, also retired ones, by name. */
    all: (): Promise<KipuConnectionDocument[]> => collection.find({}).sort({ _id: 1 }).toArray(),

    get: (name: string): Promise<KipuConnectionDocument | null> => collection.findOne({ _id: name }),

    /** Returns the `rev` of each connection, as one text that differs after every change, and whether one is yet to be applied. */
    async version(): Promise<{ revs: string; owed: boolean }> {
      const projection = { rev: 1, appliedRev: 1 };
      const found = await collection.find({}, { projection }).sort({ _id: 1 }).toArray();
      const owed = found.some(({ rev, appliedRev }) => appliedRev < rev);
      return { revs: found.map(({ _id, rev }) => `${_id} ${rev}`).join('\n'), owed };
    },

    /** Stores a new connection. Returns false where one of this name exists. */
    async add(name: string, fields: ConnectionFields, { by, at }: Change): Promise<boolean> {
      const fresh = { rev: 1, appliedRev: 0, createdAt: at, createdBy: by, changedAt: at, changedBy: by };
      try {
        await collection.insertOne({ _id: name, schemaVersion: SCHEMA_VERSION, ...fields, ...fresh });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return false;
      }
    },

    /** Changes a connection on top of `rev`. Returns false where another person has changed it since. */
    async change(name: string, rev: number, fields: Partial<ConnectionFields>, { by, at }: Change): Promise<boolean> {
      const set = { ...fields, rev: rev + 1, changedAt: at, changedBy: by };
      return (await collection.updateOne({ _id: name, rev }, { $set: set })).matchedCount > 0;
    },

    /** Stores that schedule and records follow this `rev`. */
    async markApplied(name: string, rev: number): Promise<void> {
      await collection.updateOne({ _id: name, appliedRev: { $lt: rev } }, { $set: { appliedRev: rev } });
    },
  };
}
