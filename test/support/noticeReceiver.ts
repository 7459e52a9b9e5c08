import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stopAtEnd } from './servers.ts';

/** A server that receives notices as Slack does. */
export interface NoticeReceiver {
  url: string;
  /** With `down` it drops connections, with `silent` it never answers. */
  mode: 'up' | 'down' | 'silent';
  /** The notices received while `up`, in order. */
  received: unknown[];
}

/** Starts a receiver, and stops it after the file's tests. Await it at the top level of a file, outside of hooks. */
export async function startNoticeReceiver(): Promise<NoticeReceiver> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (receiver.mode === 'down') request.socket.destroy();
    if (receiver.mode !== 'up') return;
    receiver.received.push(JSON.parse(body));
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  stopAtEnd(Promise.resolve({ stop }));
  // The address of a server that listens on a port has this form.
  const { port } = server.address() as AddressInfo;
  const receiver: NoticeReceiver = { url: `http://127.0.0.1:${port}/notices`, mode: 'up', received: [] };
  return receiver;
}
