import { type Dispatcher, errors, Pool } from 'undici';
import { BodyFault, header, readErrorText, readJson } from './body.ts';
import { type EndedBy, startDeadline } from './deadline.ts';
import { failureOfStatus, KipuError, type KipuErrorCode } from './errors.ts';
import type { CallFacts } from './options.ts';
import { refusalOf } from './refusals.ts';
import { parseHttpDate, parseRetryAfter } from './retryAfter.ts';

/** An error's body up to this size is read, so that its connection can be used again. */
const ERROR_BODY_BYTES = 64 * 1024;

/** What a transport is made of. Times in milliseconds, sizes in bytes. */
export interface TransportOptions {
  origin: string;
  timeoutMs: number;
  maxBodyBytes: number;
  connections: number;
  now: () => Date;
  signal?: AbortSignal | undefined;
  onCall?: ((call: CallFacts) => void) | undefined;
}

/** One GET, already signed. `route` is its name in errors. */
export interface SignedGet {
  route: string;
  requestUri: string;
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
}

type AnswerFacts = Pick<KipuError, 'status' | 'retryAfterMs' | 'clockSkewMs'>;

/** A parsed body, and what is known about the answer for the error of whoever cannot read it. */
export interface Answer {
  json: unknown;
  facts: AnswerFacts;
}

/** Sends signed requests to one origin: one attempt, bounded in time and size, no redirect, no decompression. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #pool: Pool;
  #closed: Promise<void> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { origin, connections } = options;
    // HTTP/1.1 only: the bounds and the errors below are known for it, and KIPU documents no other.
    this.#pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  }

  /** The JSON of a 2xx answer. Throws `KipuError` for everything else. */
  async get(call: SignedGet): Promise<Answer> {
    const { timeoutMs, maxBodyBytes, signal, onCall } = this.#options;
    const deadline = startDeadline(timeoutMs, [signal, call.signal]);
    const startedAt = performance.now();
    let facts: AnswerFacts = { status: null, retryAfterMs: null, clockSkewMs: null };
    try {
      deadline.signal.throwIfAborted();
      const sent = this.#pool.request({
        method: 'GET',
        // Sent as it is, so that what was signed is what arrives.
        path: call.requestUri,
        headers: { ...call.headers, 'accept-encoding': 'identity' },
        signal: deadline.signal,
      });
      // An abort reaches undici's request only once it has a connection, hence the race.
      const answer = await deadline.race(sent);
      facts = this.#factsOf(answer);
      const failure = failureOfStatus(answer.statusCode);
      if (failure === null) return { json: await readJson(answer, maxBodyBytes), facts };
      const text = await readErrorText(answer, ERROR_BODY_BYTES);
      const { code, detail } = (facts.status === 401 || facts.status === 403 ? refusalOf(text ?? '') : null) ?? failure;
      throw new KipuError(code, { route: call.route, detail, ...facts });
    } catch (error) {
      if (error instanceof KipuError && deadline.endedBy() !== 'cancelled') throw error;
      const { code, detail } = whatEnded(error, deadline.endedBy(), facts.status !== null);
      throw new KipuError(code, { route: call.route, detail, ...facts });
    } finally {
      deadline.dispose();
      const { status, clockSkewMs } = facts;
      onCall?.({ route: call.route, status, ms: performance.now() - startedAt, clockSkewMs });
    }
  }

  /** Lets the calls in flight end, then closes the connections. Later calls are `cancelled`. */
  close(): Promise<void> {
    this.#closed ??= this.#pool.close();
    return this.#closed;
  }

  #factsOf(answer: Dispatcher.ResponseData): AnswerFacts {
    const ours = this.#options.now().getTime();
    const theirs = parseHttpDate(header(answer, 'date'));
    return {
      status: answer.statusCode,
      retryAfterMs: parseRetryAfter(header(answer, 'retry-after'), theirs ?? ours),
      clockSkewMs: theirs === null ? null : ours - theirs,
    };
  }
}

const AFTER_CONNECTING =
  /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_(SOCKET|ABORTED|RES_CONTENT_LENGTH_MISMATCH)|NO_HTTP)$/;

function whatEnded(
  error: unknown,
  endedBy: EndedBy | null,
  answered: boolean,
): { code: KipuErrorCode; detail: string } {
  if (endedBy === 'timeout') return { code: 'timeout', detail: 'no complete answer in time' };
  if (endedBy === 'cancelled') return { code: 'cancelled', detail: 'cancelled' };
  if (error instanceof BodyFault) return { code: error.code, detail: error.message };
  const code = codeOf(error);
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED')
    return { code: 'cancelled', detail: 'client is closed' };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { code: 'timeout', detail: 'no connection in time' };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { code: 'too-large', detail: 'the headers are too large' };
  if (answered || AFTER_CONNECTING.test(code)) return { code: 'connection-lost', detail: `connection lost (${code})` };
  return { code: 'unreachable', detail: `no connection (${code})` };
}

/** An error's code, which is a fixed word such as ECONNREFUSED. Messages hold addresses and are never used. */
function codeOf(error: unknown): string {
  if (error instanceof errors.HTTPParserError) return 'NO_HTTP';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'UNKNOWN';
}
