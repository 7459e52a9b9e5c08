import { type Agent, request } from 'node:http';

/** A status, or why there was none. */
export type Outcome = number | 'timeout' | 'unreachable';

export interface Posting {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** From the moment that it has a connection of its own, to the end of the answer. */
  timeoutMs: number;
}

/** One attempt. Follows nothing, reads nothing of the answer but its status, never rejects. */
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
