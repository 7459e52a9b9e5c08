import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stopAtEnd } from './servers.ts';

/** An address that takes notices as Slack does. */
export interface NoticeReceiver {
  url: string;
  /** `down` drops the connection, `silent` never answers. */
  mode: 'up' | 'down' | 'silent';
  /** What was taken, in order, as it came. */
  taken: unknown[];
}

/** To be awaited at the top level of a file, outside of any hook: it is closed when the file's tests have ended. */
export async function startNoticeReceiver(): Promise<NoticeReceiver> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (board.mode === 'down') request.socket.destroy();
    if (board.mode !== 'up') return;
    board.taken.push(JSON.parse(body));
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  stopAtEnd(Promise.resolve({ stop }));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const board: NoticeReceiver = { url: `http://127.0.0.1:${port}/notices`, mode: 'up', taken: [] };
  return board;
}
