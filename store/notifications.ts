import type { Collection } from 'mongodb';
import { nextTryAt, TRIED_FOR_MS } from '../domain/notification.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';
import type { NewNotification, NotificationDocument } from './notificationDocuments.ts';

/** A process that sends a message for longer than this was stopped. */
const SENDING_MS = 2 * MINUTE_MS;
const KEPT_DAYS = 30;

/**
 * Operations on the messages to recipients. Each is stored before it is sent, once, so that of several processes one sends it.
 * A process that was stopped after the channel accepted a message, and before that was stored, lets it be sent once more.
 */
export function notifications(collection: Collection<NotificationDocument>) {
  return {
    /** Stores a message that is to be sent, or that there is nothing to say. Returns false if it was stored before. */
    async add(message: NewNotification, state: 'waiting' | 'nothing', now: Date): Promise<boolean> {
      const { id, lines, counts, ...rest } = message;
      try {
        await collection.insertOne({
          ...{ _id: id, schemaVersion: SCHEMA_VERSION, ...rest, lines: [...lines], state, at: now },
          ...(counts === undefined ? {} : { counts }),
          ...{ sendingAt: null, sentAt: null, tries: 0, failure: null, nextTryAt: now },
          triedUntil: new Date(now.getTime() + TRIED_FOR_MS[message.kind]),
          expiresAt: new Date(now.getTime() + KEPT_DAYS * DAY_MS),
        });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Returns which of these messages are stored. */
    async known(ids: readonly string[]): Promise<Set<string>> {
      const found = await collection.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id));
    },

    /** Returns messages whose time to be sent has come, oldest first. */
    due: (now: Date, limit: number): Promise<NotificationDocument[]> =>
      collection
        .find({ state: 'waiting', nextTryAt: { $lte: now } })
        .sort({ nextTryAt: 1 })
        .limit(limit)
        .toArray(),

    /** Reserves a message for sending. Returns false if it was sent, or another process is sending it. */
    async reserve(id: string, now: Date): Promise<boolean> {
      const stopped = new Date(now.getTime() - SENDING_MS);
      const free = { _id: id, state: 'waiting', nextTryAt: { $lte: now } } as const;
      const reserved = await collection.updateOne(
        { ...free, $or: [{ sendingAt: null }, { sendingAt: { $lt: stopped } }] },
        { $set: { sendingAt: now } },
      );
      return reserved.matchedCount > 0;
    },

    /** Stores that the channel accepted a message. */
    async sent(id: string, now: Date): Promise<void> {
      const done = { state: 'sent', sentAt: now, sendingAt: null, failure: null } as const;
      await collection.updateOne({ _id: id, state: 'waiting' }, { $set: done });
    },

    /** Stores that the channel did not accept a message. All messages to its recipient wait until it is tried again. */
    async failed({ _id, recipient, tries }: NotificationDocument, failure: string, now: Date): Promise<void> {
      const next = { nextTryAt: nextTryAt(tries + 1, now) };
      const change = { $set: { ...next, failure, sendingAt: null }, $inc: { tries: 1 } };
      await collection.updateOne({ _id, state: 'waiting' }, change);
      await collection.updateMany({ recipient, state: 'waiting', nextTryAt: { $lt: next.nextTryAt } }, { $set: next });
    },

    /** Gives up what was not accepted for too long. */
    async giveUpOld(now: Date): Promise<void> {
      const old = { state: 'waiting', triedUntil: { $lt: now } } as const;
      await collection.updateMany(old, { $set: { state: 'given-up' } });
    },

    /** Removes the messages that wait for a recipient that is gone. */
    async forget(recipient: string): Promise<void> {
      await collection.deleteMany({ recipient, state: 'waiting' });
    },

    /** Returns the last message to a recipient that was tried; null if there is none. */
    lastTo: (recipient: string): Promise<NotificationDocument | null> =>
      collection.findOne(
        { recipient, $or: [{ sentAt: { $ne: null } }, { failure: { $ne: null } }] },
        { sort: { at: -1 } },
      ),
  };
}
