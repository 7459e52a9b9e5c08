import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { KipuClient, KipuError, type KipuOptions } from '../../kipu/index.ts';

/** Handles a socket when the head of a request has arrived. */
export type SocketHandler = (socket: Socket, head: string) => void;

/** A TCP server without HTTP, so that tests can break the protocol. `heads` has the request heads, byte for byte. */
export interface RawServer {
  url: string;
  heads: string[];
}

const closers: (() => Promise<void>)[] = [];

/** Starts a server on a free port of this machine, and stops it after the test. */
export async function startRawServer(handle: SocketHandler): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      // A TLS handshake begins with byte 22 and has no head.
      if (!head.includes('\r\n\r\n') && chunk[0] !== 22) return;
      heads.push(head);
      handle(socket, head);
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

/** Listens on a free port of this machine and returns the port. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Returns a port of this machine on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Returns a client that is closed after the test. */
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

/** Returns the bytes of an HTTP response. `content-length` is the body's length unless `headers` has another. */
export function answer(status: number, body: string | Buffer, headers: Record<string, string> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all = { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('\r\n')}\r\n\r\n`), bytes]);
}

/** Starts a server that sends the same bytes to every request. */
export function startServerAnswering(bytes: Buffer): Promise<RawServer> {
  return startRawServer((socket) => socket.write(bytes));
}

/** Returns the KipuError that a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<KipuError> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (!(outcome instanceof KipuError)) throw new Error('expected a KipuError', { cause: outcome });
  return outcome;
}
