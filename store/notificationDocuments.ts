import type { Channel, DigestCounts, Message, Subscription } from '../domain/notification.ts';
import type { VisibleInstances } from '../domain/role.ts';

/** A person, a channel or a program that is notified. */
export interface RecipientDocument {
  _id: string;
  schemaVersion: number;
  /** The name that people gave it. */
  name: string;
  channel: Channel;
  /** An address of e-mail, or a URL. The URL of a chat is a secret. */
  target: string;
  /** Signs the requests to a webhook; null for other channels. */
  secret: string | null;
  instances: VisibleInstances;
  subscriptions: Subscription[];
  /** The hour of the clinic's day from which the digest is sent. */
  hour: number;
  /** The account whose owner asked for it: it is limited to what the account may see. Null if an administrator did. */
  account: string | null;
  createdAt: Date;
  /** Who added it. */
  createdBy: string;
}

/**
 * - `waiting`: it is to be sent, for the first time or again.
 * - `sent`: the channel accepted it.
 * - `nothing`: a digest of a day on which no record needed a person; it is not sent.
 * - `given-up`: it was not accepted for too long.
 */
export const notificationStates = ['waiting', 'sent', 'nothing', 'given-up'] as const;

/** One message to one recipient. `_id` names the day or the notice, and the recipient: the same again is the same message. */
export interface NotificationDocument {
  _id: string;
  schemaVersion: number;
  recipient: string;
  kind: Subscription;
  instance: string;
  subject: string;
  lines: string[];
  path: string;
  counts?: DigestCounts;
  state: (typeof notificationStates)[number];
  at: Date;
  /** When a process last began to send it; null while none does. */
  sendingAt: Date | null;
  sentAt: Date | null;
  /** How often it was not accepted, why not the last time, when it is tried again, and until when. */
  tries: number;
  failure: string | null;
  nextTryAt: Date;
  triedUntil: Date;
  expiresAt: Date;
}

/** A message that is to be stored for a recipient. */
export interface NewNotification extends Pick<Message, 'id' | 'subject' | 'lines' | 'path' | 'counts'> {
  recipient: string;
  kind: Subscription;
  instance: string;
}
