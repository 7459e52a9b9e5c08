import { channels, subscriptions } from '../domain/notification.ts';
import { notificationStates } from './notificationDocuments.ts';
import { count, date, id, maybe, object, text } from './schemaParts.ts';

const kind = { enum: [...subscriptions] };

/** `$jsonSchema` of those who are notified, and of the messages to them. */
export const notificationSchemas: Record<string, object> = {
  recipients: object({
    _id: id,
    schemaVersion: count,
    name: id,
    channel: { enum: [...channels] },
    target: id,
    secret: maybe(id),
    instances: { bsonType: ['string', 'array'], items: id },
    subscriptions: { bsonType: 'array', items: kind },
    hour: { ...count, maximum: 23 },
    account: maybe(id),
    createdAt: date,
    createdBy: id,
  }),
  notifications: object(
    {
      _id: id,
      schemaVersion: count,
      recipient: id,
      kind,
      instance: id,
      subject: id,
      lines: { bsonType: 'array', items: text },
      path: id,
      counts: { bsonType: 'object' },
      state: { enum: [...notificationStates] },
      at: date,
      sendingAt: maybe(date),
      sentAt: maybe(date),
      tries: count,
      failure: maybe(text),
      nextTryAt: date,
      triedUntil: date,
      expiresAt: date,
    },
    ['counts'],
  ),
};
