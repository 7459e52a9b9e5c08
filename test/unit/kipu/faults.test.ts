import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { KipuError, KipuErrorCode, KipuOptions } from '../../../kipu/index.ts';
import {
  answer,
  failureOf,
  type SocketHandler,
  startRawServer,
  startServerAnswering,
  testClient,
  unusedPort,
} from '../../support/rawServer.ts';

const MARK = 'MARKED';
const id = '4101:beefbeef-beef-beef-beef-beefbeefbeef';
const credentials = { accessId: `${MARK}-a`, secretKey: `${MARK}-s`, appId: `${MARK}-p` };
const body = `{"patient":{"first_name":"${MARK}"}}`;
const page = '{"patients":[],"pagination":{}}';
const chunked = `HTTP/1.1 200 ${MARK}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
const write =
  (bytes: string | Buffer): SocketHandler =>
  (socket) =>
    void socket.write(bytes);
const end =
  (bytes: string | Buffer): SocketHandler =>
  (socket) =>
    void socket.end(bytes);

/** Sends another chunk every few milliseconds, without end. */
const drip =
  (first: string | Buffer, piece: string): SocketHandler =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 5);
    socket.on('close', () => clearInterval(timer));
  };

const NEVER = new RegExp(`${MARK}|127\\.0\\.0\\.1|http:|app_id`, 'i');

/** Returns everything in an error: message, stack, every property of it and of its prototypes, also hidden ones. */
function everythingOf(error: KipuError): string {
  const properties = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  const printed = [inspect(error, { depth: 9, showHidden: true, getters: true }), JSON.stringify(error), String(error)];
  return [...printed, error.message, error.stack, ...properties].join('\n');
}

type Fault = [
  name: string,
  react: SocketHandler,
  code: KipuErrorCode,
  status: number | null,
  options?: Partial<KipuOptions>,
];

const status = (n: number): SocketHandler =>
  write(answer(n, body, { location: `http://${MARK}.example/`, 'x-note': MARK }));
const short = { timeoutMs: 80 };

const faults: Fault[] = [
  ['300', status(300), 'redirected', 300],
  ['302 to another host', status(302), 'redirected', 302],
  ['307', status(307), 'redirected', 307],
  ['400', status(400), 'refused', 400],
  ['401', status(401), 'unauthorized', 401],
  ['403', status(403), 'forbidden', 403],
  ['404', status(404), 'not-found', 404],
  ['408', status(408), 'timeout', 408],
  ['410', status(410), 'endpoint-off', 410],
  ['418', status(418), 'refused', 418],
  ['422', status(422), 'refused', 422],
  ['429', status(429), 'rate-limited', 429],
  ['500', status(500), 'unavailable', 500],
  ['502', status(502), 'unavailable', 502],
  ['503', status(503), 'unavailable', 503],
  ['504', status(504), 'unavailable', 504],
  ['503 whose body never ends', drip(`HTTP/1.1 503 X\r\n\r\n${MARK}`, MARK), 'unavailable', 503, short],
  ['503 whose body is cut', end(`HTTP/1.1 503 X\r\ncontent-length: 99\r\n\r\n${MARK}`), 'unavailable', 503],
  ['HTML with status 200', write(answer(200, `<b>${MARK}`, { 'content-type': 'text/html' })), 'not-json', 200],
  ['JSON called text', write(answer(200, page, { 'content-type': 'text/plain' })), 'not-json', 200],
  [
    'a type that only begins like JSON',
    write(answer(200, page, { 'content-type': 'application/jsonp' })),
    'not-json',
    200,
  ],
  ['no content type', write(`HTTP/1.1 200 X\r\ncontent-length: ${page.length}\r\n\r\n${page}`), 'not-json', 200],
  ['HTML called JSON', write(answer(200, `<b>${MARK}`)), 'not-json', 200],
  ['JSON cut short', write(answer(200, body.slice(0, -3))), 'not-json', 200],
  ['JSON and more', write(answer(200, body + body)), 'not-json', 200],
  ['empty body', write(answer(200, '')), 'not-json', 200],
  ['blank body', write(answer(200, ' \n')), 'not-json', 200],
  ['204', write('HTTP/1.1 204 X\r\n\r\n'), 'not-json', 204],
  ['Latin-1 text', write(answer(200, Buffer.from(`{"a":"${MARK}é"}`, 'latin1'))), 'not-json', 200],
  ['compressed', write(answer(200, gzipSync(page), { 'content-encoding': 'gzip' })), 'not-json', 200],
  ['{}', write(answer(200, '{}')), 'page-unreadable', 200],
  ['null', write(answer(200, 'null')), 'page-unreadable', 200],
  ['a list of another kind', write(answer(200, body)), 'page-unreadable', 200],
  ['reset before the answer', (socket) => void socket.resetAndDestroy(), 'connection-lost', null],
  ['closed before the answer', (socket) => void socket.destroy(), 'connection-lost', null],
  ['no HTTP', write(`${MARK}\r\n\r\n`), 'connection-lost', null],
  ['closed in the body', end(`${answer(200, page, { 'content-length': '999' })}`), 'connection-lost', 200],
  ['closed in the chunks', end(`${chunked}5\r\n{"a":`), 'connection-lost', 200],
  [
    'reset in the body',
    (socket) => socket.write(`${chunked}5\r\n{"a":\r\n`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    'connection-lost',
    200,
  ],
  ['broken chunks', write(`${chunked}${MARK}\r\n`), 'connection-lost', 200],
  ['silence', () => {}, 'timeout', null, short],
  ['half a head', write('HTTP/1.1 200 X\r\ncontent-'), 'timeout', null, short],
  ['a body drop by drop', drip(chunked, '1\r\n \r\n'), 'timeout', 200, short],
  ['a body that stops', write(`${chunked}5\r\n{"a":\r\n`), 'timeout', 200, short],
  ['a length over the limit', write(answer(200, page, { 'content-length': '200000000' })), 'too-large', 200],
  [
    'more than the limit in chunks',
    drip(chunked, `400\r\n${' '.repeat(1024)}\r\n`),
    'too-large',
    200,
    { maxBodyBytes: 5000 },
  ],
  ['headers over the limit', write(`HTTP/1.1 200 X\r\nx: ${MARK.repeat(20_000)}\r\n\r\n`), 'too-large', null],
];

describe('A failure', () => {
  it.each(faults)('%s', async (_, react, code, statusSeen, options) => {
    const server = await startRawServer(react);
    const client = testClient(server.url, { ...credentials, ...options });
    const error = await failureOf(client.latestPage({ startDay: MARK, endDay: MARK, page: 1, per: 2 }));
    expect(error).toMatchObject({ name: 'KipuError', code, status: statusSeen, route: 'GET /api/patients/latest' });
    expect(server.heads, 'attempts').toHaveLength(1);
    expect(error.cause).toBeUndefined();
    expect(everythingOf(error)).not.toMatch(NEVER);
  });

  it.each<[string, string, KipuErrorCode, string]>([
    ['a chart that is not there', answer(404, body).toString(), 'not-found', 'answered 404: not found in KIPU'],
    [
      'a chart with a bad date',
      answer(200, body.replace('first_name', 'dob')).toString(),
      'chart-unreadable',
      'patient.dob',
    ],
    [
      'a chart of other types',
      answer(200, `{"patient":{"program":{"${MARK}":"${MARK}"}}}`).toString(),
      'chart-unreadable',
      'patient.program',
    ],
  ])('%s names the route, never the chart', async (_, bytes, code, text) => {
    const server = await startRawServer(write(bytes));
    const error = await failureOf(testClient(server.url, credentials).chart(id));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^GET \/api\/patients\/\{patient_id\} answered /);
    expect(error.message).toContain(text);
    expect(inspect(error, { showHidden: true })).not.toMatch(/MARKED|beef|4101/);
  });

  it('of a list that is wrong in every row names some fields and counts the others', async () => {
    const locations = Array.from({ length: 20_000 }, () => ({ location_name: MARK }));
    const server = await startRawServer(write(answer(200, JSON.stringify({ locations })).toString()));
    const { message } = await failureOf(testClient(server.url, credentials).locations());
    expect(message).toMatch(/cannot read locations\.0\.location_id, locations\.1\.location_id, .* and 19970 more$/);
    expect(message.length).toBeLessThan(1_200);
  });

  it('of a malformed casefile id does not repeat it', async () => {
    const error = await failureOf(testClient('http://127.0.0.1:1').chart(MARK));
    expect(inspect(error, { showHidden: true })).not.toContain(MARK);
  });
});

describe('A refusal', () => {
  const DENIED = 'Access Denied - ';
  const NOT_FOUND = `${DENIED}API Client app not found`;
  const NOT_AUTHENTIC = `${DENIED}API Client app failed to authenticate`;
  const RECIPIENT = `${DENIED}Invalid or Missing Recipient`;
  const errors = (value: unknown) => JSON.stringify({ errors: value });

  it.each<[string, number, string, KipuErrorCode, RegExp]>([
    ['401 with its text', 401, errors(NOT_FOUND), 'unknown-client', /access id; check accessId/],
    ['403 with its text', 403, errors(NOT_AUTHENTIC), 'authentication-failed', /secret key, .* triple, the digest/],
    ['403 with its text', 403, errors(RECIPIENT), 'unknown-recipient', /app id; check appId/],
    ['403 with the text of a 401', 403, errors(NOT_FOUND), 'unknown-client', /check accessId/],
    ['an array', 403, errors([RECIPIENT]), 'unknown-recipient', /appId/],
    ['an array of several', 403, errors([MARK, RECIPIENT]), 'unknown-recipient', /appId/],
    ['an object', 403, errors({ base: [NOT_AUTHENTIC] }), 'authentication-failed', /digest/],
    ['an array of objects', 401, errors([{ message: NOT_FOUND }]), 'unknown-client', /accessId/],
    [
      'other letters and blanks',
      401,
      errors(`access denied -  api client\nAPP not found.`),
      'unknown-client',
      /accessId/,
    ],
    ['an unknown text', 401, errors(MARK), 'unauthorized', /signature was not accepted/],
    ['an unknown text', 403, errors(MARK), 'forbidden', /not allowed/],
    ['two of the texts', 403, errors([NOT_AUTHENTIC, RECIPIENT]), 'forbidden', /not allowed/],
    ['the text nested too deep', 403, errors([[[[[RECIPIENT]]]]]), 'forbidden', /not allowed/],
    ['the text elsewhere', 403, JSON.stringify({ message: RECIPIENT }), 'forbidden', /not allowed/],
    ['errors of another kind', 403, errors(7), 'forbidden', /not allowed/],
    ['no object', 403, JSON.stringify(RECIPIENT), 'forbidden', /not allowed/],
    ['null', 403, 'null', 'forbidden', /not allowed/],
    ['no JSON', 403, `<b>${RECIPIENT}</b>${MARK}`, 'forbidden', /not allowed/],
    ['JSON cut short', 403, errors(RECIPIENT).slice(0, -1), 'forbidden', /not allowed/],
    ['nothing', 401, '', 'unauthorized', /signature/],
    ['more than is read', 403, errors([RECIPIENT, 'x'.repeat(70_000)]), 'forbidden', /not allowed/],
    ['brackets without end', 403, errors(RECIPIENT) + '['.repeat(60_000), 'forbidden', /not allowed/],
    ['deep brackets', 403, `{"errors":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'forbidden', /not allowed/],
    // The text matters only in a refusal, not with another status.
    ['422 with a text', 422, errors(RECIPIENT), 'refused', /refused the request/],
    ['404 with a text', 404, errors(NOT_FOUND), 'not-found', /not found in KIPU/],
    ['410 with a text', 410, errors(NOT_AUTHENTIC), 'endpoint-off', /turned off/],
    ['503 with a text', 503, errors(NOT_AUTHENTIC), 'unavailable', /overloaded/],
  ])('has the code for %s (%i)', async (_, code, text, expected, says) => {
    for (const type of ['application/json', 'text/html', MARK]) {
      const server = await startServerAnswering(answer(code, text, { 'content-type': type }));
      const error = await failureOf(testClient(server.url, credentials).chart(id));
      expect(error).toMatchObject({ code: expected, status: code });
      expect(error.message).toMatch(says);
      expect(server.heads, 'attempts').toHaveLength(1);
    }
  });

  it.each([
    ['the text', { errors: NOT_AUTHENTIC }, 403, 'authentication-failed'],
    ['an array', { errors: [NOT_AUTHENTIC] }, 403, 'authentication-failed'],
    ['an object', { errors: { base: [RECIPIENT] } }, 403, 'unknown-recipient'],
    ['the text', { errors: NOT_FOUND }, 401, 'unknown-client'],
  ] as const)('contains nothing of the text beside or within %s (%j)', async (_, said, code, expected) => {
    const marked = JSON.stringify(said).replaceAll(DENIED, `${MARK} ${DENIED}${MARK} `).replaceAll('"}', ` ${MARK}"}`);
    const beside = { [MARK]: MARK, patient: { first_name: MARK, [MARK]: [MARK] }, error: MARK, message: MARK };
    const bytes = JSON.stringify({ ...beside, ...JSON.parse(marked) });
    const headers = { 'x-note': MARK, 'www-authenticate': MARK, date: MARK, 'retry-after': MARK, 'set-cookie': MARK };
    const server = await startServerAnswering(answer(code, bytes, headers));
    for (const call of [
      testClient(server.url, credentials).chart(id),
      testClient(server.url, credentials).censusPage({ startDay: MARK, locationId: MARK, page: 1, per: 1 }),
    ]) {
      const error = await failureOf(call);
      expect(error.code).toBe(expected);
      expect(everythingOf(error)).not.toMatch(NEVER);
      expect(everythingOf(error)).not.toMatch(/beef|4101|Access Denied/i);
    }
  });

  it.each<[string, SocketHandler]>([
    ['never ends', drip(`HTTP/1.1 403 X\r\n\r\n{"errors":"${RECIPIENT}"}`, ' ')],
    ['is cut', end(`HTTP/1.1 403 X\r\ncontent-length: 999\r\n\r\n{"errors":"${RECIPIENT}"}`)],
    ['is compressed', write(answer(403, gzipSync(errors(RECIPIENT)), { 'content-encoding': 'gzip' }))],
  ])('whose body %s is classified by its status', async (_, react) => {
    const server = await startRawServer(react);
    const error = await failureOf(testClient(server.url, short).locations());
    expect(error).toMatchObject({ code: 'forbidden', status: 403 });
  });
});

describe('A call', () => {
  it('to a port without a server is unreachable', async () => {
    const port = await unusedPort();
    const error = await failureOf(testClient(`http://127.0.0.1:${port}`).locations());
    expect(error).toMatchObject({ code: 'unreachable', status: null, clockSkewMs: null, retryAfterMs: null });
    expect(error.message).toBe('GET /api/locations: no connection (ECONNREFUSED)');
  });

  it('by https to a plain HTTP server is unreachable', async () => {
    const server = await startServerAnswering(answer(200, page));
    const error = await failureOf(testClient(server.url.replace('http:', 'https:')).locations());
    expect(error.code).toBe('unreachable');
  });
});

describe('A limit', () => {
  it('ends a body of 200 MB early', async () => {
    const piece = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`);
    let sent = 0;
    let hasClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      hasClosed = resolve;
    });
    const server = await startRawServer((socket) => {
      const more = () => {
        do sent += piece.length;
        while (sent < 200_000_000 && socket.write(piece));
      };
      socket.on('drain', more).on('close', () => hasClosed());
      socket.write(chunked);
      more();
    });
    const error = await failureOf(testClient(server.url, { maxBodyBytes: 100_000 }).locations());
    expect(error.message).toBe('GET /api/locations answered 200: the body is larger than 100000 bytes');
    await closed;
    expect(sent).toBeLessThan(50_000_000);
  });

  it('allows a body of exactly its size', async () => {
    const server = await startServerAnswering(answer(200, '{"locations":[]}'));
    await expect(testClient(server.url, { maxBodyBytes: 16 }).locations()).resolves.toEqual([]);
    await expect(testClient(server.url, { maxBodyBytes: 15 }).locations()).rejects.toMatchObject({ code: 'too-large' });
  });

  it('of time includes the wait for a connection', async () => {
    const server = await startRawServer(() => {});
    const client = testClient(server.url, short);
    const calls = Array.from({ length: 40 }, () => failureOf(client.locations()));
    const codes = (await Promise.all(calls)).map((error) => error.code);
    expect(new Set(codes)).toEqual(new Set(['timeout']));
  });

  it('of time, and a signal, apply during a TLS handshake that hangs', async () => {
    const abort = new AbortController();
    const server = await startRawServer(() => {});
    const url = server.url.replace('http:', 'https:');
    const cancelled = failureOf(testClient(url).locations({ signal: abort.signal }));
    expect((await failureOf(testClient(url, short).locations())).code).toBe('timeout');
    abort.abort();
    expect((await cancelled).code).toBe('cancelled');
  });

  it('leaves the connection of a failed answer usable', async () => {
    const ports = new Set<number | undefined>();
    const server = await startRawServer((socket) => {
      ports.add(socket.remotePort);
      socket.write(answer(503, 'x'.repeat(1000)));
    });
    const client = testClient(server.url);
    for (let i = 0; i < 10; i++) await failureOf(client.locations());
    // The pool may open a second connection while the first is returned.
    expect(ports.size).toBeLessThan(3);
  });
});

describe('A cancellation', () => {
  it.each(['client', 'call'] as const)("by the %s's signal during the body ends the call", async (whose) => {
    const abort = new AbortController();
    const server = await startRawServer((socket) => socket.write(`${chunked}5\r\n{"a":\r\n`, () => abort.abort(MARK)));
    const client = testClient(server.url, whose === 'client' ? { signal: abort.signal } : {});
    const error = await failureOf(client.locations(whose === 'call' ? { signal: abort.signal } : {}));
    expect(error.code).toBe('cancelled');
    expect(inspect(error, { showHidden: true })).not.toContain(MARK);
  });

  it('before the call sends nothing', async () => {
    const server = await startServerAnswering(answer(200, '{"locations":[]}'));
    const client = testClient(server.url);
    expect((await failureOf(client.locations({ signal: AbortSignal.abort() }))).code).toBe('cancelled');
    await expect(client.locations()).resolves.toEqual([]);
    expect(server.heads).toHaveLength(1);
  });
});

describe('The headers of a failure', () => {
  const now = () => new Date('2026-01-06T09:08:07Z');
  it.each<[string, Record<string, string>, number | null, number | null]>([
    ['nothing', {}, null, null],
    ['seconds', { 'retry-after': '7' }, 7_000, null],
    ['clock ahead by five minutes', { date: 'Tue, 06 Jan 2026 09:03:07 GMT' }, null, 300_000],
    ['clock behind by an hour', { date: 'Tue, 06 Jan 2026 10:08:07 GMT' }, null, -3_600_000],
    ['a date that is none', { date: MARK, 'retry-after': MARK }, null, null],
    [
      "a time of the server's own clock",
      { date: 'Tue, 06 Jan 2026 10:00:00 GMT', 'retry-after': 'Tue, 06 Jan 2026 10:00:30 GMT' },
      30_000,
      -3_113_000,
    ],
  ])('%s', async (_, headers, retryAfterMs, clockSkewMs) => {
    for (const code of [401, 429, 503]) {
      const server = await startServerAnswering(answer(code, '', headers));
      const error = await failureOf(testClient(server.url, { now }).locations());
      expect(error).toMatchObject({ status: code, retryAfterMs, clockSkewMs });
    }
  });
});
