import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  bytesOf,
  documentsLike,
  FUZZ_MS,
  fuzz,
  jsonText,
  MARK,
  markedText,
  mostly,
  oddText,
} from '../../support/arbitraries.ts';
import { headerText, inAddress } from '../../support/requestArbitraries.ts';
import { appForTests, id, newSecret, secret, signed, update } from '../../support/webApp.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

/** Every answer to a delivery: its status and why. */
const ANSWERS = new Set([
  ...[
    '202',
    '401 unauthorized',
    '400 invalid-json',
    '400 bad-request',
    '413 too-large',
    '414 too-long',
    '415 not-json',
    '404 no-such-page',
  ],
  ...['422 other-event', '422 no-chart-named', '405 post-only', '429 too-many'],
]);

const documents = documentsLike(
  [{ event: 'chart.updated', data: { patient: { casefile_id: id, name: MARK } } }, [{ casefile_id: id }]],
  { right: [{ casefile_id: id }, { data: { patient: { id, name: MARK } } }], weight: 4 },
);
const bodies = bytesOf(jsonText(documents));

/** Starts the receiver with a clock that refills every rate before the next delivery. */
function receiver(options: { requestMs?: number } = {}) {
  let at = Date.UTC(2026, 2, 2, 10);
  const next = () => {
    at += 120_000;
    return new Date(at);
  };
  return { ...appForTests({ ...options, now: () => new Date(at) }), next };
}

/** Expects that only whole deliveries of known instances are stored, and that nothing that was sent is logged. */
function expectStored({ stored, logged }: Pick<ReturnType<typeof receiver>, 'stored' | 'logged'>): void {
  for (const { instance, webhook, casefileId, webhookId, trace, ...rest } of stored) {
    expect(['north', 'south']).toContain(instance);
    expect(['chart-update', 'patient-creation']).toContain(webhook);
    expect(casefileId).toMatch(/^\d{1,20}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(webhookId === null || (webhookId.length > 0 && webhookId.length <= 256)).toBe(true);
    // Without tracing there is none, whatever a header says.
    expect(trace ?? null).toBe(null);
    expect(Object.keys(rest)).toEqual(['at']);
  }
  const lines = logged.splice(0).join('');
  expect(lines).not.toContain(MARK);
  expect(lines).not.toContain('a request failed');
}

describe('Any request to the receiver', () => {
  it('is answered with a status and a fixed word; only a whole delivery is stored, and nothing sent is logged', async () => {
    const started = receiver();
    const { app, stored, refused, next } = started;
    const inputs = fc.record({
      method: mostly(fc.constant('POST'), fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH')),
      instance: mostly(fc.constant('north'), oddText, markedText),
      kind: mostly(fc.constant('chart-update'), fc.constantFrom('patient-creation', 'chart-updates', '', MARK)),
      proof: mostly(
        fc.constantFrom('secret', 'signature', 'in the path', 'bearer'),
        fc.constantFrom('old', 'odd', 'none'),
      ),
      type: mostly(
        fc.constantFrom('application/json', 'application/json; charset=utf-8'),
        fc.constantFrom('application/json; charset=utf-16', 'text/plain', 'multipart/form-data; boundary=x', MARK),
        headerText,
      ),
      odd: headerText,
      body: bodies,
    });
    const seen = new Map<string, number>();
    await fuzz(
      'webhook requests',
      { inputs, runs: 200 },
      async ({ method, instance, kind, proof, type, odd, body }) => {
        const at = next();
        const before = stored.length;
        // A signature is of the bytes; ours are of text.
        const signature = () =>
          signed(body.toString('latin1'), { by: newSecret, messageId: `${MARK}${at.getTime()}`, at });
        const proofs: Record<string, Record<string, string>> = {
          ...{ secret: { 'x-webhook-secret': secret }, bearer: { authorization: `Bearer ${secret}` }, none: {} },
          ...{ odd: { 'x-webhook-secret': odd, authorization: odd, 'webhook-id': odd, 'webhook-timestamp': odd } },
          signature: signature(),
          old: { ...signature(), 'webhook-timestamp': `${odd}1`, 'webhook-signature': `v1,${odd}` },
          'in the path': {},
        };
        const path = `/webhooks/${inAddress(instance)}/${kind}`;
        const answer = await app.inject({
          method: method as 'POST',
          url: proof === 'in the path' ? `${path}/${secret}` : path,
          headers: { 'content-type': type, ...proofs[proof] },
          payload: body,
        });
        const why = answer.body.startsWith('{') ? (answer.json().why ?? '') : '';
        const key = `${answer.statusCode} ${why}`.trim();
        seen.set(key, (seen.get(key) ?? 0) + 1);
        if (method !== 'HEAD') expect(ANSWERS).toContain(key);
        expect(answer.statusCode).toBeLessThan(500);
        expect(answer.body).not.toContain(MARK);
        expect(stored.length - before).toBe(answer.statusCode === 202 ? 1 : 0);
        expect(JSON.stringify(refused.splice(0))).not.toContain(MARK);
        expectStored(started);
      },
    );
    // The claims prove nothing unless deliveries are stored and refused in several ways.
    expect(seen.get('202')).toBeGreaterThan(0);
    expect(seen.size).toBeGreaterThan(3);
  });
});

const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** Sends pieces one after the other, and returns what comes back until the other side ends or says nothing for a while. */
async function exchange(
  port: number,
  pieces: readonly Buffer[],
  { ends, quietMs = 60 }: { ends: boolean; quietMs?: number },
) {
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.add(socket);
  let text = '';
  let closed = false;
  const close = new Promise<void>((resolve) => {
    socket
      .on('error', () => undefined)
      .on('close', () => {
        closed = true;
        resolve();
      });
  });
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (/^HTTP\/1\.1 [2-5]/m.test(text)) resolve();
    });
  });
  await once(socket, 'connect').catch(() => undefined);
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await sleep(1);
  }
  if (ends) socket.end();
  const quiet = new AbortController();
  await Promise.race([answered, close, sleep(quietMs, undefined, { signal: quiet.signal }).catch(() => undefined)]);
  quiet.abort();
  socket.destroy();
  await close;
  return { text, closed };
}

async function listening(options: { requestMs?: number } = {}) {
  const started = receiver(options);
  const address = await started.app.listen({ port: 0, host: '127.0.0.1' });
  const port = Number(new URL(address).port);
  const { method, headers, payload, url } = update();
  const deliver = async () =>
    (await fetch(`http://127.0.0.1:${port}${url}`, { method, headers, body: String(payload) })).status;
  return { ...started, port, deliver };
}

const json = JSON.stringify({ casefile_id: id, name: MARK });
const head = (...lines: string[]) =>
  ['POST /webhooks/north/chart-update HTTP/1.1', 'host: x', ...lines, '', ''].join('\r\n');
const proven = `x-webhook-secret: ${secret}`;
const typed = 'content-type: application/json';

/** Requests that no HTTP client sends; the text after the head is the body. */
const heads = fc.constantFrom(
  head(proven, typed, `content-length: ${json.length}`),
  head(proven, typed, 'content-length: 5'),
  head(proven, typed, 'content-length: 99999'),
  head(proven, typed, 'content-length: 99999999999'),
  head(proven, typed, 'content-length: -1'),
  head(proven, typed, 'content-length: 0x10'),
  head(proven, typed, 'content-length: 5', 'content-length: 6'),
  head(proven, typed, 'content-length: 5', 'transfer-encoding: chunked'),
  head(proven, typed, 'transfer-encoding: chunked'),
  head(proven, typed, 'transfer-encoding: gzip, chunked'),
  head(proven, typed, 'transfer-encoding: identity'),
  head(proven, typed, 'expect: 100-continue', `content-length: ${json.length}`),
  head(proven, typed, 'expect: 999', `content-length: ${json.length}`),
  head(proven, typed, 'upgrade: websocket', 'connection: upgrade', `content-length: ${json.length}`),
  head(proven, typed, 'content-encoding: gzip', `content-length: ${json.length}`),
  head(proven, typed, `x: ${'y'.repeat(20_000)}`),
  head(proven, typed, ...Array.from({ length: 3_000 }, (_, at) => `x${at}: ${MARK}`)),
  head(proven, typed, `x: \u0000${MARK}`, ' folded', 'no colon', ': no name'),
  head(typed, 'webhook-id: a', 'webhook-id: b', 'webhook-timestamp: 1', 'webhook-signature: v1,x', 'content-length: 2'),
  head(proven, typed).replace('POST', MARK),
  head(proven, typed).replace('POST', 'CONNECT'),
  head(proven, typed).replace('/webhooks/north', `http://${MARK}/webhooks/north`),
  head(proven, typed).replace('/webhooks/north', '/webhooks/%zz%ff%00'),
  head(proven, typed).replace('/webhooks/north', `/webhooks/${MARK.repeat(3_000)}`),
  head(proven, typed).replace('HTTP/1.1', 'HTTP/9.9'),
  head(proven, typed).replace('HTTP/1.1', 'HTTP/1.0'),
  head(proven, typed).replace('host: x\r\n', ''),
  head(proven, typed).replace('host: x', 'host: \u00e9 x@y:z:1'),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000',
  '\r\n'.repeat(500),
);
const rawBodies = fc.oneof(
  fc.constantFrom(
    json,
    json.slice(0, 9),
    `5\r\n${json}\r\n0\r\n\r\n`,
    `zz\r\n${json}`,
    'ffffffffffffffffff\r\n',
    '0\r\n\r\n',
    '',
  ),
  fc.constantFrom(
    `${json.length.toString(16)}\r\n${json}\r\n0\r\nx: ${MARK}\r\n\r\n`,
    `2;a="${MARK}"\r\n{}\r\n0\r\n\r\n`,
  ),
  bodies.map((bytes) => bytes.toString('latin1')),
);

describe('Any bytes to the port of the receiver', () => {
  it('end in a refusal or a closed connection, repeat nothing, and leave the receiver as it was', async () => {
    const started = await listening();
    const { port, stored, next, deliver } = started;
    const inputs = fc.record({
      request: bytesOf(fc.tuple(heads, rawBodies).map((parts) => parts.join(''))),
      pieces: fc.constantFrom(1, 1, 2, 7),
      ends: fc.boolean(),
    });
    const statuses = new Map<string, number>();
    await fuzz('webhook sockets', { inputs, runs: 40 }, async ({ request, pieces, ends }) => {
      next();
      started.logged.length = 0;
      const before = stored.length;
      const size = Math.ceil(request.length / pieces) || 1;
      const parts = Array.from({ length: pieces }, (_, at) => request.subarray(at * size, (at + 1) * size));
      const { text } = await exchange(port, parts, { ends });
      const lines = Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status = '']) => status);
      for (const status of lines) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status).toMatch(/^(100|202|400|401|404|405|408|413|414|415|417|422|429|431)$/);
      }
      expect(text).not.toContain(MARK);
      // A second request may be in the rest of the bytes. It may be stored after we stopped to listen, but never promised in vain.
      expect(stored.length - before).toBeGreaterThanOrEqual(lines.filter((status) => status === '202').length);
      expectStored(started);
    });
    expect(await deliver()).toBe(202);
    expect(statuses.size).toBeGreaterThan(0);
  });

  it('may stop anywhere in a delivery: nothing is stored, and the next one is accepted', async () => {
    const { port, stored, next, deliver } = await listening();
    const whole = Buffer.from(`${head(proven, typed, `content-length: ${json.length}`)}${json}`);
    const inputs = fc.nat(whole.length - 2).map((at) => whole.subarray(0, at + 1));
    await fuzz('webhook deliveries that stop', { inputs, runs: 15 }, async (part) => {
      next();
      const { text } = await exchange(port, [part], { ends: true, quietMs: 30 });
      expect(text).not.toContain('202');
    });
    expect([stored.length, await deliver()]).toEqual([0, 202]);
  });

  it('that have a method which no route can have, as HTTP/2 begins, are no error of ours', async () => {
    const { port, logged } = await listening();
    const begin = Buffer.from('PRI *!HTTP/2.0\r\n\r\nSM\r\n\r\n{}');
    const { text } = await exchange(port, [begin], { ends: false, quietMs: 20_000 });
    // The connection may end before its answer was read.
    expect(text).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(logged).toEqual([]);
  });

  it('that come too slowly, in the head or in the body, are answered 408', async () => {
    const { port, stored } = await listening({ requestMs: 150 });
    const whole = `${head(proven, typed, 'content-length: 500')}${json}`;
    for (const part of [whole, whole.slice(0, 40)]) {
      const { text } = await exchange(port, [Buffer.from(part)], { ends: false, quietMs: 20_000 });
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(text).not.toContain(MARK);
    }
    expect(stored).toEqual([]);
  });
});
