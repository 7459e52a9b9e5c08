/*
 * What kipu/transport.ts uses of undici, for a simulation: the modules of the simulated code import this file under that name.
 * Requests go to the answering function instead of a network.
 */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The connection is lost: before the answer, or in the middle of its body. */
  lost?: 'start' | 'body';
}

type Answering = (path: string, headers: Record<string, string>) => Promise<HttpAnswer>;
let answering: Answering | null = null;

/** Sets who answers requests from now on. */
export function answerRequests(by: Answering | null): void {
  answering = by;
}

class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
}

class Body {
  readonly #answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    this.#answer = answer;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    const { body, lost } = this.#answer;
    yield Buffer.from(lost === undefined ? body : body.slice(0, body.length / 2));
    if (lost === undefined) return;
    throw new ConnectionLost('the connection was lost');
  }

  on() {
    return this;
  }

  destroy() {}
}

interface Request {
  path: string;
  headers: Record<string, string>;
  signal: AbortSignal;
}

export class Pool {
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async request({ path, headers, signal }: Request) {
    if (answering === null) throw new Error('nothing is simulated now');
    signal.throwIfAborted();
    const answer = await answering(path, headers);
    if (answer.lost === 'start') throw new ConnectionLost('the connection was lost');
    return { statusCode: answer.status, headers: answer.headers, body: new Body(answer) };
  }

  async close() {}
}

export const errors = { HTTPParserError: class HTTPParserError extends Error {} };

export function request(): never {
  throw new Error('the simulation has no address for notices');
}
