import { Context } from '@temporalio/activity';
import { request } from 'undici';
import { DAY_MS } from '../domain/time.ts';
import type { NoticeDocument } from '../store/documents.ts';
import type { ActivityContext } from './context.ts';

const TIMEOUT_MS = 5_000;
/** Notices older than this are not sent. */
const SENT_WITHIN_MS = 7 * DAY_MS;

/**
 * Sends a notice to the log and, where set, to the customer's URL, as a JSON body with `text` as Slack expects it. A
 * notice's id names its condition, which is sent once. The text names instances and record ids, never a patient.
 */
export async function notify(
  context: ActivityContext,
  notice: Pick<NoticeDocument, '_id' | 'instance' | 'text'>,
): Promise<void> {
  const { notices } = context.store;
  const noted = await notices.note({ ...notice, at: context.now() });
  if (noted.sentAt !== null) return;
  Context.current().log.warn(notice.text, { instance: notice.instance });
  if (context.noticeUrl === null) return;
  await sendNotice(context, context.noticeUrl, noted);
}

/** Sends the notices that the URL has not accepted yet. */
export async function sendPendingNotices(context: ActivityContext, instance: string): Promise<void> {
  if (context.noticeUrl === null) return;
  for (const notice of await context.store.notices.waiting(
    instance,
    new Date(context.now().getTime() - SENT_WITHIN_MS),
  )) {
    if (!(await sendNotice(context, context.noticeUrl, notice))) return;
  }
}

/** Sends one notice. A URL that fails delays neither a run nor an unlock: the next run sends it again. */
async function sendNotice(context: ActivityContext, url: string, { _id, text }: NoticeDocument): Promise<boolean> {
  const answer = await post(url, { text });
  if (answer === 'accepted') await context.store.notices.sent(_id, context.now());
  else Context.current().log.warn('NOTICE_URL did not accept a notice', { reason: answer });
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
