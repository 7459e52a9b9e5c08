import { randomBytes, randomUUID } from 'node:crypto';
import { isLoopback } from '../config/insecure.ts';
import {
  type Channel,
  isEmailAddress,
  type Message,
  resultText,
  type SendResult,
  type Subscription,
  shownTarget,
  testMessage,
} from '../domain/notification.ts';
import type { VisibleInstances } from '../domain/role.ts';
import type { Store } from '../store/connect.ts';
import type { RecipientDocument } from '../store/notificationDocuments.ts';
import type { Actor } from './accounts.ts';
import { instancesText } from './accountViews.ts';

/** A recipient as a person enters it. */
export interface WantedRecipient {
  name: string;
  channel: Channel;
  target: string;
  instances: VisibleInstances;
  subscriptions: Subscription[];
  hour: number;
}

type RecipientStore = {
  recipients: Pick<Store['recipients'], 'add' | 'remove'>;
  notifications: Pick<Store['notifications'], 'forget'>;
  auditEvents: Pick<Store['auditEvents'], 'add'>;
};

/** Sends a message to a recipient; web and command line pass the function of notices/channels.ts. */
export type SendTo = (
  target: Pick<RecipientDocument, 'channel' | 'target' | 'secret'>,
  message: Message,
) => Promise<SendResult>;

/** Returns why a recipient can't be added, in words; null when it can. `hasMail`: whether e-mail is set up. */
export function recipientProblem(wanted: WantedRecipient, hasMail: boolean): string | null {
  const { name, channel, target, instances, subscriptions } = wanted;
  if (name === '' || name.length > 80) return 'Enter a name of at most 80 characters.';
  if (subscriptions.length === 0) return 'Choose what to send: the daily summary, problems, or both.';
  if (instances !== '*' && instances.length === 0) return 'Choose at least one instance.';
  if (channel !== 'email') return urlProblem(target);
  if (!isEmailAddress(target)) return 'Enter one e-mail address, for example desk@example.org.';
  return hasMail ? null : 'E-mail is not set up: set SMTP_URL and MAIL_FROM first.';
}

function urlProblem(target: string): string | null {
  // The parser of addresses drops line breaks, which would be stored and shown all the same.
  const isOneWord = /^[^\s\p{Cc}]+$/u.test(target);
  if (target.length > 2_000 || !isOneWord || !URL.canParse(target))
    return 'Enter the whole address, which begins with https://.';
  const { protocol, hostname, username } = new URL(target);
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  if (!safe) return 'The address must begin with https:// (http:// only on this machine).';
  return username === '' ? null : 'The address must not contain a user name or a password.';
}

/** Adds a recipient. Returns its id, and the secret with which requests to a webhook are signed; it is shown once. */
export async function addRecipient(
  store: RecipientStore,
  wanted: WantedRecipient,
  by: Actor,
): Promise<{ id: string; secret: string | null }> {
  const secret = wanted.channel === 'webhook' ? `whsec_${randomBytes(24).toString('base64')}` : null;
  const id = await store.recipients.add({ ...wanted, secret, account: null, createdAt: by.at, createdBy: by.who });
  await auditRecipient(store, by, 'notifications-changed', `added ${recipientText(wanted)}`);
  return { id, secret };
}

/** Removes a recipient and what waits for it. Returns it; null if there was none. */
export async function removeRecipient(store: RecipientStore, id: string, by: Actor): Promise<RecipientDocument | null> {
  const removed = await store.recipients.remove(id);
  if (removed === null) return null;
  await store.notifications.forget(id);
  await auditRecipient(store, by, 'notifications-changed', `removed ${recipientText(removed)}`);
  return removed;
}

/** Sends a test message. Returns the result in words. */
export async function testRecipient(
  store: Pick<RecipientStore, 'auditEvents'>,
  recipient: RecipientDocument,
  send: SendTo,
  by: Actor,
): Promise<{ sent: boolean; text: string }> {
  const result = await send(recipient, testMessage(`test/${randomUUID()}`, by.who));
  const outcome = `${recipient.name}: ${result.sent ? 'accepted' : `not accepted (${result.code})`}`;
  await auditRecipient(store, by, 'notification-tested', outcome);
  return { sent: result.sent, text: resultText(recipient.channel, result) };
}

/** Stores what the owner of an account wants to be sent; null for nothing. */
export async function setOwnNotifications(
  store: Pick<RecipientStore, 'auditEvents'> & { recipients: Pick<Store['recipients'], 'setOfAccount'> },
  account: { _id: string; name: string },
  wanted: Pick<WantedRecipient, 'target' | 'subscriptions' | 'hour'> | null,
  by: Actor,
): Promise<void> {
  const { _id, name } = account;
  const rest = { name, channel: 'email', instances: '*', secret: null, account: _id } as const;
  const own = wanted === null ? null : { ...rest, ...wanted, createdAt: by.at, createdBy: by.who };
  await store.recipients.setOfAccount(_id, own);
  const outcome = own === null ? `${name} gets no messages` : `set by its owner: ${recipientText(own)}`;
  await auditRecipient(store, by, 'notifications-changed', outcome);
}

/** Returns who gets what and where, without a secret. */
function recipientText({ name, channel, target, instances, subscriptions }: WantedRecipient): string {
  const what = subscriptions.map((one) => (one === 'digest' ? 'daily summary' : 'problems')).join(' and ');
  return `${name}: ${channel} to ${shownTarget(channel, target)}, ${what}, ${instancesText(instances)}`;
}

async function auditRecipient(
  { auditEvents }: Pick<RecipientStore, 'auditEvents'>,
  by: Actor,
  what: 'notifications-changed' | 'notification-tested',
  outcome: string,
): Promise<void> {
  const nothing = { instance: null, record: null, why: null };
  await auditEvents.add({ _id: `notify/${randomUUID()}`, ...by, what, ...nothing, outcome });
}
