import { HttpError } from '../http/errors.ts';

/** Bytes that a webhook may send. */
export const BODY_LIMIT = 256 * 1_024;

/** The content types that are read, also those of somebody's own JSON. */
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Reads a body as JSON in UTF-8; whatever is not, is refused. */
export function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new HttpError(400, 'no-json');
  }
}
