import { DAY_MS, localDate, MINUTE_MS } from './time.ts';

/** How people are notified: a Slack channel, any program that receives webhooks, or e-mail. */
export const channels = ['slack', 'webhook', 'email'] as const;
export type Channel = (typeof channels)[number];

/**
 * What people are notified of:
 * - `digest`: once a day and instance, how many records need a person.
 * - `trouble`: what fails, at once, and when it is over.
 */
export const subscriptions = ['digest', 'trouble'] as const;
export type Subscription = (typeof subscriptions)[number];

/** What one message is. */
type MessageKind = Subscription | 'test' | 'invitation';

/** A message, before it is written for a channel. It names no patient. */
export interface Message {
  /** The same message again has the same id, so that a receiver can drop it. */
  id: string;
  kind: MessageKind;
  /** Null where it is of no instance. */
  instance: string | null;
  subject: string;
  lines: readonly string[];
  /** The page that shows more, as a path. */
  path: string;
  counts?: DigestCounts;
}

/** The records of an instance that need a person. */
export interface DigestCounts {
  locked: number;
  /** Of those, locked for more than a week. */
  lockedForWeek: number;
  /** Charts that lack a required field. */
  missing: number;
  /** Charts that could not be read. */
  failed: number;
}

/** The page that lists the records that need a person. */
const ATTENTION = '/attention';

/** Returns the digest of an instance and day; null if no record needs a person. */
export function digestOf(instance: string, day: string, counts: DigestCounts): Omit<Message, 'id'> | null {
  const { locked, lockedForWeek, missing, failed } = counts;
  const total = locked + missing + failed;
  if (total === 0) return null;
  const older = lockedForWeek === 0 ? '' : `, ${lockedForWeek} of them for more than a week`;
  return {
    ...{ kind: 'digest', instance, counts, path: ATTENTION },
    subject: `${instance}: ${counted(total, 'record needs', 'records need')} attention`,
    lines: [
      `Summary of ${instance} for ${day}`,
      ...(locked === 0 ? [] : [`${counted(locked, 'locked record', 'locked records')}${older}`]),
      ...(missing === 0 ? [] : [`${counted(missing, 'record', 'records')} with missing information`]),
      ...(failed === 0 ? [] : [`${counted(failed, 'record', 'records')} whose chart could not be read`]),
    ],
  };
}

const MAX_SUBJECT = 100;

/** Returns the message about a notice. Its subject is the first sentence, which begins with the name of the instance. */
export function troubleMessage(instance: string, text: string): Omit<Message, 'id'> {
  const [first = text] = text.split(/(?<=\.) (?=[A-Z])/);
  const subject = first.length > MAX_SUBJECT ? `${first.slice(0, MAX_SUBJECT - 1)}…` : first;
  return { kind: 'trouble', instance, subject, lines: [text], path: '/' };
}

/** Returns the message that shows a person that a channel works. */
export function testMessage(id: string, by: string): Message {
  const lines = [`${by} sent this test. Messages of KIPU Referrals arrive here.`];
  return { id, kind: 'test', instance: null, subject: 'Test of KIPU Referrals', lines, path: '/' };
}

function counted(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Returns the day and the hour that clocks in the zone show. */
export function clockIn(at: Date, zone: string): { day: string; hour: number } {
  const local = localDate(at.toISOString(), zone) ?? '';
  return { day: local.slice(0, 10), hour: Number(local.slice(11, 13)) };
}

/** Who of the recipients gets a digest, by the clock of the instance's zone. */
export interface DigestReader {
  _id: string;
  subscriptions: readonly Subscription[];
  hour: number;
}

/** Returns the ids of the digests of an instance that are due now, one for each recipient and day. */
export function dueDigests<One extends DigestReader>(
  instance: string,
  recipients: readonly One[],
  { day, hour }: { day: string; hour: number },
): { id: string; recipient: One }[] {
  return recipients
    .filter((one) => one.subscriptions.includes('digest') && hour >= one.hour)
    .map((recipient) => ({ id: `digest/${instance}/${day}/${recipient._id}`, recipient }));
}

const MAX_PAUSE_MS = 30 * MINUTE_MS;

/** Returns when a message is tried again after it failed `tries` times. */
export function nextTryAt(tries: number, now: Date): Date {
  return new Date(now.getTime() + Math.min(MINUTE_MS * 2 ** Math.min(tries - 1, 10), MAX_PAUSE_MS));
}

/** How long a message is tried: a digest is replaced by the one of the next day. */
export const TRIED_FOR_MS: Readonly<Record<Subscription, number>> = {
  digest: 20 * 60 * MINUTE_MS,
  trouble: 7 * DAY_MS,
};

/** The result of sending a message. `code`: a status of HTTP, or the mail library's word. */
export type SendResult = { sent: true } | { sent: false; code: string };

const EMAIL = /^[^\s\p{Cc}@<>,;:"()[\]\\]+@[^\s\p{Cc}@<>,;:"()[\]\\]+\.[^\s\p{Cc}@<>,;:"()[\]\\]+$/u;

/** Returns true for one address of e-mail, without a name. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 254 && EMAIL.test(text);
}

/** Returns what a person sees of where messages go: the path of a chat's address is its secret. */
export function shownTarget(channel: Channel, target: string): string {
  if (channel === 'email') return target;
  return URL.canParse(target) ? `${new URL(target).host}/…` : '…';
}

const MAIL_WORDS: Readonly<Record<string, string>> = {
  'no-mail': 'E-mail is not set up: set SMTP_URL and MAIL_FROM.',
  EAUTH: 'The mail server refused the user name or the password in SMTP_URL.',
  EENVELOPE: 'The mail server refused the sender (MAIL_FROM) or the recipient.',
  ETLS: 'The mail server offers no TLS, or its certificate is not valid.',
  ECONNECTION: 'The mail server did not answer. Check the host and the port in SMTP_URL.',
  EDNS: 'The host in SMTP_URL is not known.',
  ESOCKET: 'The connection to the mail server failed: it is unreachable, or its certificate is not valid.',
  ETIMEDOUT: 'The mail server did not answer in time.',
};

/** Returns the result of sending in words, and what to do. */
export function resultText(channel: Channel, result: SendResult): string {
  const who = { slack: 'Slack', webhook: 'The receiver', email: 'The mail server' }[channel];
  if (result.sent) return `${who} accepted the message.`;
  const { code } = result;
  if (channel === 'email') return MAIL_WORDS[code] ?? `The mail server did not accept the message (${code}).`;
  if (code === 'no-answer') return `${who} did not answer. Check the address, and whether this machine may reach it.`;
  if (['403', '404', '410'].includes(code))
    return `${who} answered ${code}: the address is wrong, or it was revoked. Create a new one and enter it here.`;
  if (code.startsWith('3')) return `${who} answered ${code}: enter the address to which it redirects.`;
  return `${who} answered ${code}. ${code.startsWith('5') || code === '429' ? 'It is tried again.' : 'Check the address.'}`;
}

/** The server that e-mail is sent with, as the settings have it. */
export interface MailServer {
  host: string;
  port: number;
  /** `always`: from the first byte. `upgrade`: by STARTTLS, else nothing is sent. `none`: only on this machine. */
  tls: 'always' | 'upgrade' | 'none';
  user: string | null;
  password: string | null;
  from: string;
}
