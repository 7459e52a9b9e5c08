import type { Dispatcher } from 'undici';
import type { KipuErrorCode } from './errors.ts';

/** A body that cannot be used. Its words are ours. */
export class BodyFault extends Error {
  readonly code: KipuErrorCode;
  constructor(code: KipuErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

type Answer = Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

/** First value of a header. */
export function header(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The body of an answer as JSON. Stops reading, and closes the connection, as soon as it is larger than `maxBytes`.
 * Throws `BodyFault`, or whatever ends the stream.
 */
export async function readJson(answer: Answer, maxBytes: number): Promise<unknown> {
  const problem = unusable(answer, maxBytes);
  if (problem !== null) {
    discard(answer);
    throw problem;
  }
  const text = decode(await readBytes(answer.body, maxBytes));
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyFault('not-json', text.trim() === '' ? 'the body is empty' : 'the body is not JSON');
  }
}

/**
 * Returns the body of an error as text, whatever its content type says; null where it is larger than `maxBytes` or ends
 * before its time. The connection can be used again once it has been read.
 */
export async function readErrorText(answer: Answer, maxBytes: number): Promise<string | null> {
  try {
    return new TextDecoder().decode(await readBytes(answer.body, maxBytes));
  } catch {
    discard(answer);
    return null;
  }
}

/** Drops the rest of an answer and its connection. */
function discard(answer: Answer): void {
  answer.body.on('error', () => {}).destroy();
}

function unusable(answer: Answer, maxBytes: number): BodyFault | null {
  const length = Number(header(answer, 'content-length') ?? 0);
  if (length > maxBytes) return tooLarge(maxBytes);
  const encoding = header(answer, 'content-encoding') ?? 'identity';
  if (!/^identity$/i.test(encoding))
    return new BodyFault('not-json', 'the body is compressed, which was not asked for');
  const type = header(answer, 'content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return new BodyFault('not-json', 'the content type is not JSON');
  }
  return null;
}

async function readBytes(body: Answer['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A readable stream without an encoding yields buffers; its type says only any.
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
