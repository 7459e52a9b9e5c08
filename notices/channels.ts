import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { request } from 'undici';
import type { MailServer, Message, SendResult } from '../domain/notification.ts';
import type { RecipientDocument } from '../store/notificationDocuments.ts';
import { sendMail } from './mail.ts';

const TIMEOUT_MS = 5_000;

/** What is needed to send to a recipient. */
export interface ChannelSettings {
  mail: MailServer | null;
  /** `https://host` of the staff page; null where people have no address for it. */
  webUrl: string | null;
}

export type Target = Pick<RecipientDocument, 'channel' | 'target' | 'secret'>;

/** Sends a message to a recipient. Never throws. */
export async function sendTo(
  target: Target,
  message: Message,
  settings: ChannelSettings,
  at: Date,
): Promise<SendResult> {
  const link = settings.webUrl === null ? null : `${settings.webUrl}${message.path}`;
  switch (target.channel) {
    case 'email':
      return sendMail(settings.mail, { ...mailOf(message, link), to: target.target });
    case 'slack':
      return postJson(target.target, JSON.stringify({ text: slackText(message, link) }), {});
    case 'webhook':
      return postSigned(target, message, link, at);
  }
}

/** Returns a message as Slack reads it: three characters are escaped, and a link has its own form. */
export function slackText({ lines }: Pick<Message, 'lines'>, link: string | null): string {
  return [...lines.map(escaped), ...(link === null ? [] : [`<${link}|Open KIPU Referrals>`])].join('\n');
}

/** Returns a message as plain text and as simple HTML, without anything that is loaded. */
export function mailOf(message: Message, link: string | null) {
  const { id, subject, lines } = message;
  const last = 'Sent by KIPU Referrals. It names no patient. Please do not answer this e-mail.';
  return {
    id: hashOf(id),
    subject,
    text: `${[...lines, ...(link === null ? [] : [link]), '-- ', last].join('\n')}\n`,
    html: [
      ...lines.map((line) => `<p>${escaped(line)}</p>`),
      ...(link === null ? [] : [`<p><a href="${escaped(link)}">Open KIPU Referrals</a></p>`]),
      `<p><small>${last}</small></p>`,
    ].join('\n'),
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Posts a message with a signature as Standard Webhooks describe it. The id is the same when it is sent again. */
async function postSigned({ target, secret }: Target, message: Message, link: string | null, at: Date) {
  const { kind, instance, subject, lines, counts = null } = message;
  const id = `msg_${hashOf(message.id)}`;
  const body = JSON.stringify({
    type: `notification.${kind}`,
    timestamp: at.toISOString(),
    data: { instance, subject, text: lines.join('\n'), counts, link },
  });
  return postJson(target, body, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret ?? '').sign(id, at, body),
  });
}

async function postJson(url: string, body: string, headers: Record<string, string>): Promise<SendResult> {
  try {
    // Redirects are not followed: they could lead to any address.
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body.dump();
    return answer.statusCode < 300 ? { sent: true } : { sent: false, code: String(answer.statusCode) };
  } catch {
    return { sent: false, code: 'no-answer' };
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
