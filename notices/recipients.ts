import { clockIn, type DigestCounts, digestOf, dueDigests, troubleMessage } from '../domain/notification.ts';
import { canSee, type VisibleInstances } from '../domain/role.ts';
import { DEFAULT_ZONE } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import type { NotificationDocument, RecipientDocument } from '../store/notificationDocuments.ts';
import { type ChannelSettings, sendTo } from './channels.ts';

/** What is needed to notify recipients. */
export interface RecipientContext {
  store: {
    recipients: Pick<Store['recipients'], 'list'>;
    notifications: Pick<Store['notifications'], 'add' | 'known' | 'due' | 'reserve' | 'sent' | 'failed' | 'giveUpOld'>;
    notices: Pick<Store['notices'], 'forRecipients' | 'madeForRecipients'>;
    records: Pick<Store['records'], 'tally' | 'heldAges'>;
    accounts: Pick<Store['accounts'], 'get'>;
  };
  /** The names of the instances in the settings. */
  instances: readonly string[];
  /** Returns the time zone of an instance; UTC where it has none. */
  timeZoneOf?: (instance: string) => string | undefined;
  /** NOTICE_URL gets the digests too: it is a recipient that the settings have. */
  noticeUrl: string | null;
  channels: ChannelSettings;
  log: { warn(text: string, facts: object): void };
  now(): Date;
}

const PER_CHECK = 100;
const FROM_SETTINGS = 'NOTICE_URL';
const FROM_SETTINGS_HOUR = 8;

/** Makes the messages that are due now, and sends those that wait. */
export async function notifyRecipients(context: RecipientContext): Promise<void> {
  const recipients = await readers(context);
  await makeTroubles(context, recipients);
  await makeDigests(context, recipients);
  await sendDue(context, recipients);
}

/** Returns the recipients with the instances that they may see now: a person may have lost access, or left. */
async function readers({ store, noticeUrl }: RecipientContext): Promise<RecipientDocument[]> {
  const all: RecipientDocument[] = [];
  for (const one of await store.recipients.list()) {
    const account = one.account === null ? null : await store.accounts.get(one.account);
    if (one.account === null) all.push(one);
    else if (account !== null && !account.disabled)
      all.push({ ...one, instances: both(one.instances, account.instances) });
  }
  return noticeUrl === null ? all : [...all, ofSettings(noticeUrl)];
}

function both(one: VisibleInstances, other: VisibleInstances): VisibleInstances {
  if (one === '*') return other;
  return other === '*' ? one : one.filter((instance) => other.includes(instance));
}

function ofSettings(noticeUrl: string): RecipientDocument {
  return {
    ...{ _id: FROM_SETTINGS, schemaVersion: 1, name: FROM_SETTINGS, channel: 'slack', target: noticeUrl, secret: null },
    // Its other notices are sent when they are made.
    ...{ instances: '*', subscriptions: ['digest'], hour: FROM_SETTINGS_HOUR, account: null },
    ...{ createdAt: new Date(0), createdBy: FROM_SETTINGS },
  };
}

/** Makes a message to each recipient of each new notice. A recipient gets no notice from before it was added. */
async function makeTroubles({ store, now }: RecipientContext, recipients: readonly RecipientDocument[]): Promise<void> {
  for (const notice of await store.notices.forRecipients(PER_CHECK)) {
    const { _id, instance, text, at } = notice;
    const wanting = recipients.filter(
      (one) => one.subscriptions.includes('trouble') && one.createdAt <= at && canSee(one, instance),
    );
    for (const { _id: recipient } of wanting) {
      const message = { id: `${_id}/${recipient}`, recipient, kind: 'trouble', instance } as const;
      await store.notifications.add({ ...troubleMessage(instance, text), ...message }, 'waiting', now());
    }
    await store.notices.madeForRecipients(_id);
  }
}

/** Makes the digests whose hour has come, once for each recipient, instance and day. */
async function makeDigests(context: RecipientContext, recipients: readonly RecipientDocument[]): Promise<void> {
  const { store, instances, timeZoneOf, now } = context;
  for (const instance of instances) {
    const clock = clockIn(now(), timeZoneOf?.(instance) ?? DEFAULT_ZONE);
    const due = dueDigests(
      instance,
      recipients.filter((one) => canSee(one, instance)),
      clock,
    );
    const known = due.length === 0 ? new Set() : await store.notifications.known(due.map(({ id }) => id));
    const missing = due.filter(({ id }) => !known.has(id));
    if (missing.length === 0) continue;
    const digest = digestOf(instance, clock.day, await countsOf(store, instance, now()));
    for (const { id, recipient } of missing) {
      const message = { id, recipient: recipient._id, kind: 'digest', instance } as const;
      const nothing = { subject: 'nothing', lines: [], path: '/' };
      await store.notifications.add(
        { ...(digest ?? nothing), ...message },
        digest === null ? 'nothing' : 'waiting',
        now(),
      );
    }
  }
}

async function countsOf({ records }: RecipientContext['store'], instance: string, now: Date): Promise<DigestCounts> {
  const [tally, ages] = await Promise.all([records.tally(instance), records.heldAges({ instances: [instance] }, now)]);
  return {
    locked: tally.held ?? 0,
    lockedForWeek: ages.get(instance)?.longer ?? 0,
    missing: tally.notReady ?? 0,
    failed: tally.failed ?? 0,
  };
}

/**
 * Sends the messages that wait, to all recipients at once. After one that was not accepted the others of its recipient wait, so
 * that a server that does not answer delays nothing else.
 */
async function sendDue(context: RecipientContext, recipients: readonly RecipientDocument[]): Promise<void> {
  const { store, channels, log, now } = context;
  await store.notifications.giveUpOld(now());
  const byId = new Map(recipients.map((one) => [one._id, one]));
  const due = Map.groupBy(await store.notifications.due(now(), PER_CHECK), ({ recipient }) => recipient);
  await Promise.all([...due.values()].map(sendInOrder));

  async function sendInOrder(messages: readonly NotificationDocument[]): Promise<void> {
    for (const message of messages) {
      const recipient = byId.get(message.recipient);
      // A process whose settings have no NOTICE_URL leaves its messages to the others.
      if (recipient === undefined && message.recipient === FROM_SETTINGS) return;
      if (!(await store.notifications.reserve(message._id, now()))) continue;
      const result = await sendOne(message, recipient);
      if (result.sent) {
        await store.notifications.sent(message._id, now());
        continue;
      }
      await store.notifications.failed(message, result.code, now());
      log.warn('a message to a recipient was not accepted', { recipient: message.recipient, reason: result.code });
      return;
    }
  }

  async function sendOne(message: NotificationDocument, recipient: RecipientDocument | undefined) {
    // Its account was disabled, or may not see the instance by now.
    if (recipient === undefined || !canSee(recipient, message.instance))
      return { sent: false, code: 'no-access' } as const;
    return sendTo(recipient, { id: message._id, ...message }, channels, now());
  }
}
