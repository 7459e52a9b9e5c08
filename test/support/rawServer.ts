import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { KipuClient, KipuError, type KipuOptions } from '../../kipu/index.ts';

/** Says what happens on the socket once a request's head has come. */
export type Reaction = (socket: Socket, head: string) => void;

/** A server that knows no HTTP, so that it can break it. `heads` are the requests as they came, byte for byte. */
export interface RawServer {
  url: string;
  heads: string[];
}

const closers: (() => Promise<void>)[] = [];

/** Listens on a free port of this machine until the test ends. */
export async function startRawServer(react: Reaction): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      // A byte of 22 opens a TLS handshake, which has no head.
      if (!head.includes('\r\n\r\n') && chunk[0] !== 22) return;
      heads.push(head);
      react(socket, head);
      head = '';
    });
  });
  const port = await listen(server);
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}`, heads };
}

/** Listens on a free port of this machine and gives it. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A port of this machine where nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A client that is closed when the test ends. */
export function testClient(baseUrl: string, options: Partial<KipuOptions> = {}): KipuClient {
  const client = new KipuClient({ baseUrl, accessId: 'access-1', secretKey: 'secret-1', appId: 'app-1', ...options });
  closers.unshift(() => client.close());
  return client;
}

afterEach(async () => {
  // Sockets first: a client closes only when its calls have ended.
  const all = closers.splice(0).reverse();
  await Promise.all(all.map((close) => close()));
});

/** An answer's bytes; the length is that of the body unless told otherwise. */
export function answer(status: number, body: string | Buffer, headers: Record<string, string> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all = { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('\r\n')}\r\n\r\n`), bytes]);
}

/** A server that gives the same answer to everything. */
export function startServerAnswering(bytes: Buffer): Promise<RawServer> {
  return startRawServer((socket) => socket.write(bytes));
}

/** The error that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<KipuError> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (!(outcome instanceof KipuError)) throw new Error('expected a KipuError', { cause: outcome });
  return outcome;
}
