/** Thrown to refuse a request. `why` is the answer's own word for it; nothing of the request is in it. */
export class HttpError extends Error {
  override readonly name = 'Refusal';
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

/** What fastify itself refuses, in our words: its own quote addresses and bodies. Anything else is our fault. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const why = WORDS[status];
  return why === undefined ? new HttpError(500, 'internal') : new HttpError(status, why);
}
