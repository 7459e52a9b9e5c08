import type { Collection } from 'mongodb';
import {
  type Condition,
  type ConditionKind,
  conditionChanges,
  conditionKey,
  type KnownCondition,
  overText,
} from '../domain/conditions.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { isDuplicateKey } from './conflict.ts';
import { type NoticeDocument, SCHEMA_VERSION } from './documents.ts';

/** A process that sends a notice for longer than this was stopped. */
const SENDING_MS = MINUTE_MS;

/** A condition that is open. */
export interface OpenCondition extends Pick<Condition, 'kind' | 'detail' | 'text'> {
  since: Date;
}

/** A condition that began or is over, as it is to be said. */
export interface ConditionNews {
  notice: NoticeDocument;
  isOver: boolean;
}

/**
 * Operations on notices. The notice that a condition began is also its state, so that of several processes that notice the same
 * only one stores it.
 */
export function notices(collection: Collection<NoticeDocument>) {
  const unsent = { schemaVersion: SCHEMA_VERSION, sentAt: null };
  const fresh = { ...unsent, forRecipients: true as const };
  return {
    /** Stores a notice once per id; with `inDigest` it is not sent by itself. Returns the stored one. */
    async note(notice: Pick<NoticeDocument, '_id' | 'instance' | 'text' | 'at' | 'inDigest'>): Promise<NoticeDocument> {
      const { _id, ...rest } = notice;
      const added = { ...rest, ...(notice.inDigest ? unsent : fresh) };
      await collection.updateOne({ _id }, { $setOnInsert: added }, { upsert: true });
      return (await collection.findOne({ _id })) ?? { _id, ...added };
    },

    /** Returns notices of which messages to recipients are still to be made, oldest first. */
    forRecipients: (limit: number): Promise<NoticeDocument[]> =>
      collection.find({ forRecipients: true }).sort({ at: 1 }).limit(limit).toArray(),

    /** Stores that the messages to recipients were made. */
    async madeForRecipients(id: string): Promise<void> {
      await collection.updateOne({ _id: id }, { $unset: { forRecipients: '' } });
    },

    /**
     * Compares what is wrong with an instance now with its open conditions, and stores a notice of each that began or is over.
     * `present` is complete for the `judged` kinds. Returns the notices that no other process stored before.
     */
    async judge(
      instance: string,
      judged: readonly ConditionKind[],
      present: readonly Condition[],
      now: Date,
    ): Promise<ConditionNews[]> {
      const known = await knownConditions(instance, present.map(conditionKey));
      const { begun, seen, over } = conditionChanges(judged, present, known, now);
      const news: ConditionNews[] = [];
      for (const { text, ...one } of begun) {
        const condition = { ...one, key: conditionKey(one), open: true, lastSeenAt: now, endedAt: null };
        const notice = {
          _id: idOf(instance, one),
          instance,
          text: `${instance}: ${text}`,
          at: now,
          ...fresh,
          condition,
        };
        if (await insert(notice)) news.push({ notice, isOver: false });
      }
      for (const one of seen) {
        await collection.updateOne({ _id: idOf(instance, one) }, { $max: { 'condition.lastSeenAt': now } });
      }
      for (const one of over) {
        const text = `${instance}: ${overText(one)}`;
        const notice = { _id: `${idOf(instance, one)}/over`, instance, text, at: now, ...fresh };
        if (await insert(notice)) news.push({ notice, isOver: true });
        const ended = { 'condition.open': false, 'condition.endedAt': now };
        await collection.updateOne({ _id: idOf(instance, one), 'condition.open': true }, { $set: ended });
      }
      return news;
    },

    /** Returns the open conditions of the instance, oldest first. */
    open: async (instance: string): Promise<OpenCondition[]> => (await openOf([instance])).get(instance) ?? [],

    /** Returns the open conditions of these instances, oldest first; nothing of those without one. */
    openOf,

    /** Returns when the condition was last over; null if it never was. */
    async lastEndOf(instance: string, kind: ConditionKind): Promise<Date | null> {
      const key = conditionKey({ kind, detail: null });
      const last = await collection.findOne({ instance, 'condition.key': key }, { sort: { 'condition.number': -1 } });
      return last?.condition?.endedAt ?? null;
    },

    /** Ends all open conditions of an instance without a notice: it is retired. */
    async endAll(instance: string, now: Date): Promise<void> {
      const ended = { 'condition.open': false, 'condition.endedAt': now };
      await collection.updateMany({ instance, 'condition.open': true }, { $set: ended });
    },

    /** Returns the names of all instances that have an open condition of this kind. */
    async instancesWith(kind: ConditionKind): Promise<string[]> {
      const found = await collection.find({ 'condition.open': true, 'condition.kind': kind }).toArray();
      return found.map(({ instance }) => instance);
    },

    /** Reserves a notice for sending. Returns false if it was sent, or another process is sending it. */
    async reserve(id: string, now: Date): Promise<boolean> {
      const stopped = new Date(now.getTime() - SENDING_MS);
      const reserved = await collection.updateOne(
        { _id: id, sentAt: null, $or: [{ sendingAt: null }, { sendingAt: { $lt: stopped } }] },
        { $set: { sendingAt: now } },
      );
      return reserved.matchedCount > 0;
    },

    /** Stores that the notice URL accepted the notice at `at`, or with null that it did not. */
    async sent(id: string, at: Date | null): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { sentAt: at, sendingAt: null } });
    },

    /** Returns the notices since then that were not accepted yet, oldest first: of one instance, or of all. */
    waiting(filter: { instance?: string }, since: Date): Promise<NoticeDocument[]> {
      return collection
        .find({ ...filter, sentAt: null, inDigest: { $ne: true }, at: { $gte: since } })
        .sort({ at: 1 })
        .limit(100)
        .toArray();
    },

    /** Returns notices, newest first. */
    list(filter: { instance?: string }, limit: number): Promise<NoticeDocument[]> {
      return collection.find(filter).sort({ at: -1 }).limit(limit).toArray();
    },
  };

  async function openOf(instances: readonly string[]): Promise<Map<string, OpenCondition[]>> {
    const found = await collection
      .find({ instance: { $in: [...instances] }, 'condition.open': true })
      .sort({ at: 1 })
      .toArray();
    return grouped(
      found.flatMap(({ instance, condition, text, at }) =>
        condition === undefined ? [] : [{ instance, kind: condition.kind, detail: condition.detail, text, since: at }],
      ),
    );
  }

  /** Returns all open conditions, and the last occurrence of each of these keys. */
  async function knownConditions(instance: string, keys: readonly string[]): Promise<KnownCondition[]> {
    const [open, ...last] = await Promise.all([
      collection.find({ instance, 'condition.open': true }).toArray(),
      ...keys.map((key) =>
        collection.findOne({ instance, 'condition.key': key }, { sort: { 'condition.number': -1 } }),
      ),
    ]);
    const found = new Map([...open, ...last.filter((one) => one !== null)].map((one) => [one._id, one.condition]));
    return [...found.values()].filter((one) => one !== undefined);
  }

  async function insert(notice: NoticeDocument): Promise<boolean> {
    try {
      await collection.insertOne(notice);
      return true;
    } catch (error) {
      // Another process was first.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

function grouped(all: readonly (OpenCondition & { instance: string })[]): Map<string, OpenCondition[]> {
  const groups = Map.groupBy(all, ({ instance }) => instance);
  return new Map([...groups].map(([name, of]) => [name, of.map(({ instance: _, ...condition }) => condition)]));
}

function idOf(instance: string, condition: Pick<KnownCondition, 'kind' | 'detail' | 'number'>): string {
  return `${instance}/${conditionKey(condition)}/${condition.number}`;
}
