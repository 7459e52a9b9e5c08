import { Context } from '@temporalio/activity';
import { request } from 'undici';
import type { NoticeDocument } from '../store/documents.ts';
import type { ActivityContext } from './context.ts';

const TIMEOUT_MS = 5_000;
/** Older news is no news. */
const WORTH_SENDING_MS = 7 * 86_400_000;

/**
 * Tells people something, once per condition: in the log, and at the customer's address where there is one (a JSON body
 * with `text`, as Slack takes it). The text names instances and record ids, never a patient.
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

/** Sends what an address that did not answer has not taken yet. */
export async function sendPendingNotices(context: ActivityContext, instance: string): Promise<void> {
  if (context.noticeUrl === null) return;
  for (const notice of await context.store.notices.waiting(
    instance,
    new Date(context.now().getTime() - WORTH_SENDING_MS),
  )) {
    if (!(await sendNotice(context, context.noticeUrl, notice))) return;
  }
}

/** An address that does not answer holds nothing up, neither a run nor an unlock: the next run tries it again. */
async function sendNotice(context: ActivityContext, url: string, { _id, text }: NoticeDocument): Promise<boolean> {
  const answer = await post(url, { text });
  if (answer === 'taken') await context.store.notices.sent(_id, context.now());
  else Context.current().log.warn('the address of NOTICE_URL does not take a notice', { reason: answer });
  return answer === 'taken';
}

async function post(url: string, json: object): Promise<'taken' | 'no answer' | `status ${number}`> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(json),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await body.dump();
    return statusCode < 300 ? 'taken' : `status ${statusCode}`;
  } catch {
    return 'no answer';
  }
}
