import { type Dispatcher, errors, Pool } from 'undici';
import { failureOfStatus, KipuError, type KipuErrorCode, refusalOf } from './errors.ts';
import type { CallFacts } from './options.ts';
import { BodyFault, header, parseHttpDate, parseRetryAfter, readErrorText, readJson } from './response.ts';

/** The body of an error is read up to this size, so that its connection can be reused. */
const ERROR_BODY_BYTES = 64 * 1024;

/** Options of a transport. Times in milliseconds, sizes in bytes. */
export interface TransportOptions {
  origin: string;
  timeoutMs: number;
  maxBodyBytes: number;
  connections: number;
  now: () => Date;
  signal?: AbortSignal | undefined;
  onCall?: ((call: CallFacts) => void) | undefined;
}

/** One signed GET. `route` is its name in errors. */
export interface SignedGet {
  route: string;
  requestUri: string;
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
}

type ResponseFacts = Pick<KipuError, 'status' | 'retryAfterMs' | 'clockSkewMs'>;

/** A parsed body, and the facts of its response for an error that the caller may have to throw. */
export interface ParsedResponse {
  json: unknown;
  facts: ResponseFacts;
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

  /** Returns the JSON of a 2xx response. Throws `KipuError` for every other. */
  async get(call: SignedGet): Promise<ParsedResponse> {
    const { timeoutMs, maxBodyBytes, signal, onCall } = this.#options;
    const deadline = startDeadline(timeoutMs, [signal, call.signal]);
    const startedAt = performance.now();
    let facts: ResponseFacts = { status: null, retryAfterMs: null, clockSkewMs: null };
    let failed: KipuErrorCode | null = null;
    try {
      deadline.signal.throwIfAborted();
      const sent = this.#pool.request({
        method: 'GET',
        // Sent unchanged, because the signature covers it byte for byte.
        path: call.requestUri,
        headers: { ...call.headers, 'accept-encoding': 'identity' },
        signal: deadline.signal,
      });
      // undici notices an abort only after it has a connection, hence the race.
      const response = await deadline.race(sent);
      facts = this.#factsOf(response);
      const failure = failureOfStatus(response.statusCode);
      if (failure === null) return { json: await readJson(response, maxBodyBytes), facts };
      const text = await readErrorText(response, ERROR_BODY_BYTES);
      const { code, detail } = (facts.status === 401 || facts.status === 403 ? refusalOf(text ?? '') : null) ?? failure;
      throw new KipuError(code, { route: call.route, detail, ...facts });
    } catch (error) {
      failed = error instanceof KipuError ? error.code : null;
      if (error instanceof KipuError && deadline.endedBy() !== 'cancelled') throw error;
      const { code, detail } = classifyEnd(error, deadline.endedBy(), facts.status !== null);
      failed = code;
      throw new KipuError(code, { route: call.route, detail, ...facts });
    } finally {
      deadline.dispose();
      const { status, clockSkewMs } = facts;
      onCall?.({ route: call.route, status, code: failed, ms: performance.now() - startedAt, clockSkewMs });
    }
  }

  /** Waits for the calls in flight, then closes the connections. Later calls are `cancelled`. */
  close(): Promise<void> {
    this.#closed ??= this.#pool.close();
    return this.#closed;
  }

  #factsOf(response: Dispatcher.ResponseData): ResponseFacts {
    const ours = this.#options.now().getTime();
    const theirs = parseHttpDate(header(response, 'date'));
    return {
      status: response.statusCode,
      retryAfterMs: parseRetryAfter(header(response, 'retry-after'), theirs ?? ours),
      clockSkewMs: theirs === null ? null : ours - theirs,
    };
  }
}

const AFTER_CONNECTING =
  /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_(SOCKET|ABORTED|RES_CONTENT_LENGTH_MISMATCH)|NO_HTTP)$/;

function classifyEnd(
  error: unknown,
  endedBy: EndedBy | null,
  responded: boolean,
): { code: KipuErrorCode; detail: string } {
  if (endedBy === 'timeout') return { code: 'timeout', detail: 'no complete response in time' };
  if (endedBy === 'cancelled') return { code: 'cancelled', detail: 'cancelled' };
  if (error instanceof BodyFault) return { code: error.code, detail: error.message };
  const code = codeOf(error);
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED')
    return { code: 'cancelled', detail: 'client is closed' };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { code: 'timeout', detail: 'no connection in time' };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { code: 'too-large', detail: 'the headers are too large' };
  if (responded || AFTER_CONNECTING.test(code)) return { code: 'connection-lost', detail: `connection lost (${code})` };
  return { code: 'unreachable', detail: `no connection (${code})` };
}

/** Returns an error's code, a fixed word such as ECONNREFUSED. Messages contain addresses and are never used. */
function codeOf(error: unknown): string {
  if (error instanceof errors.HTTPParserError) return 'NO_HTTP';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'UNKNOWN';
}

/** Why a call was ended by this side. */
type EndedBy = 'timeout' | 'cancelled';

/** A time limit and any number of signals, combined. `dispose` releases timer and signals. */
interface Deadline {
  signal: AbortSignal;
  endedBy(): EndedBy | null;
  /** Settles like `work`, or rejects when the time is up or a signal is aborted, whichever comes first. */
  race<T>(work: Promise<T>): Promise<T>;
  dispose(): void;
}

/**
 * Starts a deadline of `timeoutMs` milliseconds.
 * `AbortSignal.any` is not used: on Node 20 its signals stay in memory as long as a source that lives with the process.
 */
function startDeadline(timeoutMs: number, signals: (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let endedBy: EndedBy | null = null;
  const end = (by: EndedBy) => {
    endedBy ??= by;
    controller.abort();
  };
  const cancel = () => end('cancelled');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  for (const signal of signals) {
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
  }
  return {
    signal: controller.signal,
    endedBy: () => endedBy,
    race: (work) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(controller.signal.reason);
        if (controller.signal.aborted) stop();
        controller.signal.addEventListener('abort', stop, { once: true });
        work.then(resolve, reject);
      }),
    dispose() {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', cancel);
    },
  };
}
