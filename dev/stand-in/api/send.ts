import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import type { FaultKind } from './faults.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const GATEWAY_PAGE = '<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon.</body></html>';
const HUGE_BYTES = 200 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Returns the answer of a fault that replaces the real one before any check of the request, or null. */
export function replacementFor(faults: readonly FaultKind[]): Answer | null {
  for (const fault of faults) {
    if (fault.kind === 'status') {
      const headers: Record<string, string> = fault.retryAfter === undefined ? {} : { 'Retry-After': fault.retryAfter };
      return { status: fault.status, headers, body: { errors: fault.errors ?? `Injected status ${fault.status}` } };
    }
    if (fault.kind === 'redirect') {
      return { status: fault.status ?? 302, headers: { Location: fault.location }, body: { errors: 'Moved' } };
    }
  }
  return null;
}

/**
 * Sends an answer, with the first transport fault in the list. Resolves when it is sent or the client has disconnected.
 */
export async function send(response: ServerResponse, answer: Answer, faults: readonly FaultKind[]): Promise<void> {
  const text = Buffer.from(JSON.stringify(answer.body));
  const complete = (body: Buffer | string, type = JSON_TYPE) => {
    response.writeHead(answer.status, {
      ...answer.headers,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  for (const fault of faults) {
    switch (fault.kind) {
      case 'reset':
        return reset(response, answer, text, fault.at ?? 'body');
      case 'truncated':
        return complete(text.subarray(0, Math.floor(text.length / 2)));
      case 'html':
        return complete(GATEWAY_PAGE, 'text/html; charset=utf-8');
      case 'empty-object':
        return complete('{}');
      case 'null':
        return complete('null');
      case 'empty':
        return complete('');
      case 'content-type':
        return complete(text, fault.contentType ?? 'text/plain');
      case 'huge':
        return stream(response, answer, huge(fault.bytes ?? HUGE_BYTES));
      case 'drip':
        return stream(response, answer, drip(response, text, fault.everyMs ?? 1000));
    }
  }
  complete(text);
}

function reset(response: ServerResponse, answer: Answer, text: Buffer, at: 'start' | 'body'): void {
  if (at === 'start') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { 'Content-Type': JSON_TYPE, 'Content-Length': text.length });
  response.write(text.subarray(0, Math.floor(text.length / 2)), () => response.socket?.resetAndDestroy());
}

async function stream(response: ServerResponse, answer: Answer, source: AsyncGenerator<Buffer>): Promise<void> {
  response.writeHead(answer.status, { ...answer.headers, 'Content-Type': JSON_TYPE });
  // Clients are expected to disconnect here.
  await pipeline(Readable.from(source), response).catch(() => undefined);
}

async function* huge(bytes: number): AsyncGenerator<Buffer> {
  const filler = Buffer.alloc(CHUNK_BYTES, 'a');
  yield Buffer.from('{"patients":["');
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) yield filler;
  yield Buffer.from('"]}');
}

async function* drip(response: ServerResponse, text: Buffer, everyMs: number): AsyncGenerator<Buffer> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  for (const byte of text) {
    yield Buffer.of(byte);
    await wait(everyMs, undefined, { signal: gone.signal });
  }
}
