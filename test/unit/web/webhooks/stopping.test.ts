import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { appForTests, secret, update } from '../../../support/webApp.ts';

it('A server that is about to stop accepts webhooks, and asks the proxy to connect elsewhere', async () => {
  const state = { draining: false };
  const { app } = appForTests({ isDraining: () => state.draining });
  const before = await app.inject(update());
  state.draining = true;
  const after = await app.inject(update());
  expect([before.statusCode, before.headers.connection]).toEqual([202, 'keep-alive']);
  expect([after.statusCode, after.headers.connection]).toEqual([202, 'close']);
});

it('A webhook whose first bytes came before the server stopped listening is accepted', async () => {
  const { app, stored } = appForTests();
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  const began = once(app.server, 'connection');
  const socket = connect(port, '127.0.0.1');
  const { url, headers, ...rest } = update();
  const payload = String(rest.payload);
  socket.write(`POST ${url} HTTP/1.1\r\nhost: a.test\r\n`);
  const [accepted] = await began;
  await once(accepted, 'data').catch(() => undefined);
  const closed = app.close();
  await expect.poll(() => app.server.listening).toBe(false);
  socket.end(
    `x-webhook-secret: ${secret}\r\ncontent-type: ${headers['content-type']}\r\n` +
      `content-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
  );
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 202 /);
  await closed;
  expect(stored).toHaveLength(1);
});
