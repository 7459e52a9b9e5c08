import { type Agent, request } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { SECRET_HEADER, type WebhookAuthentication } from './settings.ts';

/** The status of the answer, or why there was none. */
export type Outcome = number | 'timeout' | 'unreachable';

export interface Posting {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** The timeout from the moment the request has a connection to the end of the answer. */
  timeoutMs: number;
}

/** Makes one attempt. Follows no redirect, reads only the status of the answer, never rejects. */
export function post({ url, headers, body, timeoutMs }: Posting, agent: Agent, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    let outcome: Outcome = 'unreachable';
    let timer: NodeJS.Timeout | undefined;
    const posted = request(url, {
      method: 'POST',
      agent,
      signal,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    posted.once('socket', () => {
      timer = setTimeout(() => {
        if (outcome === 'unreachable') outcome = 'timeout';
        posted.destroy();
      }, timeoutMs);
    });
    posted.on('response', (answer) => {
      outcome = answer.statusCode ?? outcome;
      answer.on('error', () => undefined).resume();
    });
    posted.on('error', () => undefined);
    posted.once('close', () => {
      clearTimeout(timer);
      resolve(outcome);
    });
    posted.end(body);
  });
}

/** Returns the URL and the headers that authenticate a delivery. */
export function authenticated(
  authentication: WebhookAuthentication,
  url: string,
  delivery: { id: string; body: string },
  at: Date,
): { url: URL; headers: Record<string, string> } {
  const target = new URL(url);
  switch (authentication.kind) {
    case 'none':
      return { url: target, headers: {} };
    case 'header':
      return { url: target, headers: { [SECRET_HEADER]: authentication.secret } };
    case 'path':
      target.pathname = `${target.pathname.replace(/\/$/, '')}/${encodeURIComponent(authentication.secret)}`;
      return { url: target, headers: {} };
    case 'signature':
      return {
        url: target,
        headers: {
          'webhook-id': delivery.id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(authentication.secret).sign(delivery.id, at, delivery.body),
        },
      };
  }
}
