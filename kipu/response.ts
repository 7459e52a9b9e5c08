import type { Dispatcher } from 'undici';
import type { KipuErrorCode } from './errors.ts';

/** Thrown for a body that cannot be used. Its message contains nothing of the body. */
export class BodyFault extends Error {
  readonly code: KipuErrorCode;
  constructor(code: KipuErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

type Response = Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

/** Returns the first value of a header. */
export function header(response: Pick<Response, 'headers'>, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Returns the parsed JSON body of a response. Stops reading, and closes the connection, as soon as the body is larger than
 * `maxBytes`. Throws `BodyFault`, or the error of the stream.
 */
export async function readJson(response: Response, maxBytes: number): Promise<unknown> {
  const problem = findProblem(response, maxBytes);
  if (problem !== null) {
    discard(response);
    throw problem;
  }
  const text = decode(await readBytes(response.body, maxBytes));
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyFault('not-json', text.trim() === '' ? 'the body is empty' : 'the body is not valid JSON');
  }
}

/**
 * Returns the body of an error as text, for any content type; null if it is larger than `maxBytes` or incomplete. Once the
 * body has been read, its connection can be reused.
 */
export async function readErrorText(response: Response, maxBytes: number): Promise<string | null> {
  try {
    return new TextDecoder().decode(await readBytes(response.body, maxBytes));
  } catch {
    discard(response);
    return null;
  }
}

/** Drops the rest of a response and its connection. */
function discard(response: Response): void {
  response.body.on('error', () => {}).destroy();
}

function findProblem(response: Response, maxBytes: number): BodyFault | null {
  const length = Number(header(response, 'content-length') ?? 0);
  if (length > maxBytes) return tooLarge(maxBytes);
  const encoding = header(response, 'content-encoding') ?? 'identity';
  if (!/^identity$/i.test(encoding))
    return new BodyFault('not-json', 'the body is compressed, which was not requested');
  const type = header(response, 'content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return new BodyFault('not-json', 'the content type is not JSON');
  }
  return null;
}

async function readBytes(body: Response['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A readable stream without an encoding yields buffers, although its type is any.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BodyFault('not-json', 'the body is not UTF-8');
  }
}

function tooLarge(maxBytes: number): BodyFault {
  return new BodyFault('too-large', `the body is larger than ${maxBytes} bytes`);
}

/** The longest wait that is accepted from `Retry-After`, in milliseconds: 15 minutes. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Returns an HTTP date (RFC 9110, fixed-length form) as milliseconds since 1970; null for any other text. */
export function parseHttpDate(text: string | undefined): number | null {
  if (text === undefined || !HTTP_DATE.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** The shortest wait that is accepted. A shorter one, for example `Retry-After: 0`, would be a retry without a pause. */
const MIN_RETRY_AFTER_MS = 1_000;

/**
 * Returns the wait that a `Retry-After` header asks for, from 1,000 to `MAX_RETRY_AFTER_MS` milliseconds.
 *
 * Accepts whole seconds or an HTTP date. `nowMs` is the server's time if it is known, so that a wrong local clock has no
 * effect. Returns null, so that the caller's own backoff applies, if the header is absent or invalid, or names a time that
 * is in the past or less than a second away.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  const date = parseHttpDate(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date === null ? null : date - nowMs;
  return ms === null || ms < MIN_RETRY_AFTER_MS ? null : Math.min(ms, MAX_RETRY_AFTER_MS);
}
