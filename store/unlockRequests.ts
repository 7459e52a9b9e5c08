import type { Collection } from 'mongodb';
import type { UnlockRequest } from '../domain/unlock.ts';
import { SCHEMA_VERSION } from './documents.ts';
import { newTicket } from './ids.ts';

/**
 * A request to unlock a record. Its id is the ticket, the only part of it that Temporal sees. Requests are kept: the audit
 * and the record name the ticket, and one that is gone could not be told from one that was never made. A purge removes those of
 * its record.
 */
export interface UnlockRequestDocument extends UnlockRequest {
  _id: string;
  schemaVersion: number;
  instance: string;
  at: Date;
}

/** Operations on requests to unlock. */
export function unlockRequests(collection: Collection<UnlockRequestDocument>) {
  return {
    /** Stores a new request. Returns its ticket. */
    async add(request: Omit<UnlockRequestDocument, '_id' | 'schemaVersion' | 'applied'>): Promise<string> {
      const ticket = newTicket();
      await collection.insertOne({ _id: ticket, schemaVersion: SCHEMA_VERSION, ...request, applied: null });
      return ticket;
    },

    get: (ticket: string): Promise<UnlockRequestDocument | null> => collection.findOne({ _id: ticket }),

    countRecord: (record: string): Promise<number> => collection.countDocuments({ record }),

    /** Removes the requests for a record. Returns how many. */
    async removeRecord(record: string): Promise<number> {
      return (await collection.deleteMany({ record })).deletedCount;
    },

    /** Stores that a request was applied, unless another activity has done so. */
    async close(ticket: string, applied: NonNullable<UnlockRequest['applied']>): Promise<void> {
      await collection.updateOne({ _id: ticket, applied: null }, { $set: { applied } });
    },
  };
}
