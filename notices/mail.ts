import { createTransport } from 'nodemailer';
import type { MailServer, SendResult } from '../domain/notification.ts';

/** A text for one address. */
export interface Mail {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

const TIMEOUT_MS = 10_000;

/** Sends one e-mail. Returns the code of the failure instead of throwing: its text can contain addresses. */
export async function sendMail(server: MailServer | null, mail: Mail): Promise<SendResult> {
  if (server === null) return { sent: false, code: 'no-mail' };
  const { host, port, tls, user, password, from } = server;
  const transport = createTransport({
    ...{ host, port, secure: tls === 'always', requireTLS: tls === 'upgrade', ignoreTLS: tls === 'none' },
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    ...{
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      dnsTimeout: TIMEOUT_MS,
    },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const { id, to, subject, text, html } = mail;
  try {
    await transport.sendMail({
      ...{ from, to, subject, text, html },
      // The same message again has the same id: mail programs show it once.
      messageId: `<${id}@${from.split('@')[1]}>`,
      // No automatic answers, please.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    return { sent: true };
  } catch (error) {
    return { sent: false, code: codeOf(error) };
  } finally {
    transport.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
