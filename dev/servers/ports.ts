import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** All local servers listen on the loopback interface only. */
export const LOOPBACK = '127.0.0.1';

/** Returns the preferred port if it is free, else any free one. Another program may take it before its use. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    const port = await tryPort(preferred);
    if (port !== null) return port;
  }
  const port = await tryPort(0);
  if (port === null) throw new Error('No free port on the loopback interface.');
  return port;
}

/** Resolves if something listens on the port, else rejects at once, where clients would retry every half second. */
export async function connects(port: number): Promise<void> {
  const socket = connect({ port, host: LOOPBACK });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: LOOPBACK }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
