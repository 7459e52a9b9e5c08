import { ZodError } from 'zod';

/** Thrown to refuse a request. `why` is a fixed word for the answer and contains nothing of the request. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly why: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, why: string, headers: Readonly<Record<string, string>> = {}) {
    super(why);
    this.status = status;
    this.why = why;
    this.headers = headers;
  }
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'bad-request',
  408: 'too-slow',
  413: 'too-large',
  415: 'not-json',
};

/** Replaces fastify's own errors, whose texts quote URLs and bodies, by fixed words. Anything else becomes a 500. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  // Schemas are applied only to what a request contains.
  if (error instanceof ZodError) return new HttpError(400, 'bad-request');
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const why = WORDS[status];
  return why === undefined ? new HttpError(500, 'internal') : new HttpError(status, why);
}
