import { request } from 'undici';
import type { Condition, ConditionKind } from '../domain/conditions.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import type { NoticeDocument } from '../store/documents.ts';

const TIMEOUT_MS = 5_000;
/** Notices older than this are not sent. */
const SENT_WITHIN_MS = 7 * DAY_MS;

/** What is needed to send notices. */
export interface Notifier {
  store: { notices: Store['notices'] };
  /** The customer's URL for notices; null for none. */
  noticeUrl: string | null;
  log: { warn(text: string, facts: object): void; info(text: string, facts: object): void };
  now(): Date;
}

/**
 * Sends a notice to the log and, where set, to the customer's URL, as a JSON body with `text` as Slack expects it. The same id
 * again is the same notice, which is sent once. The text names instances and record ids, never a patient. Recipients get it from
 * notices/recipients.ts.
 */
export async function notify(
  notifier: Notifier,
  notice: Pick<NoticeDocument, '_id' | 'instance' | 'text' | 'inDigest'>,
): Promise<void> {
  const noted = await notifier.store.notices.note({ ...notice, at: notifier.now() });
  if (noted.sentAt !== null) return;
  notifier.log.warn(notice.text, { instance: notice.instance });
  if (!noted.inDigest) await send(notifier, noted);
}

/** Compares what is wrong with an instance now with what people know, and sends a notice of each condition that changed. */
export async function notifyOfConditions(
  notifier: Notifier,
  instance: string,
  judged: readonly ConditionKind[],
  present: readonly Condition[],
): Promise<void> {
  const news = await notifier.store.notices.judge(instance, judged, present, notifier.now());
  for (const { notice, isOver } of news) {
    notifier.log[isOver ? 'info' : 'warn'](notice.text, { instance });
    await send(notifier, notice);
  }
}

/** Sends the notices that the URL has not accepted yet: of one instance, or of all. */
export async function sendPendingNotices(notifier: Notifier, filter: { instance?: string }): Promise<void> {
  if (notifier.noticeUrl === null) return;
  const since = new Date(notifier.now().getTime() - SENT_WITHIN_MS);
  for (const notice of await notifier.store.notices.waiting(filter, since)) {
    if (!(await send(notifier, notice))) return;
  }
}

/**
 * Sends one notice, unless another process does. Returns false if the URL failed: that delays neither a run nor an unlock, and
 * the notice is sent later.
 */
async function send({ store, noticeUrl, log, now }: Notifier, { _id, text }: NoticeDocument): Promise<boolean> {
  if (noticeUrl === null || !(await store.notices.reserve(_id, now()))) return true;
  const answer = await post(noticeUrl, { text });
  await store.notices.sent(_id, answer === 'accepted' ? now() : null);
  if (answer !== 'accepted') log.warn('NOTICE_URL did not accept a notice', { reason: answer });
  return answer === 'accepted';
}

async function post(url: string, json: object): Promise<'accepted' | 'no answer' | `status ${number}`> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(json),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await body.dump();
    return statusCode < 300 ? 'accepted' : `status ${statusCode}`;
  } catch {
    return 'no answer';
  }
}
