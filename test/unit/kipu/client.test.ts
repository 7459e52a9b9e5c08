import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type KipuClient, type KipuError, type KipuPage, MAX_PAGES } from '../../../activities/kipu/index.ts';
import { answer, answering, failureOf, rawServer, testClient } from './rawServer.ts';

const id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const masterId = id.slice(id.indexOf(':') + 1);
const json = (value: unknown) => answer(200, JSON.stringify(value));
const firstLine = (head: string | undefined) => head?.split('\r\n')[0];

describe('requests', () => {
  it.each<[string, (client: KipuClient) => Promise<unknown>, string]>([
    ['chart', (c) => c.chart(id), `/api/patients/${id}?app_id=app-1&phi_level=high`],
    [
      'latestPage',
      (c) => c.latestPage({ startDay: '2026-01-05', endDay: '2026-01-07', page: 2, per: 50 }),
      '/api/patients/latest?app_id=app-1&start_date=2026-01-05&end_date=2026-01-07&page=2&per=50',
    ],
    [
      'censusPage',
      (c) => c.censusPage({ page: 1, per: 50 }),
      '/api/patients/census?app_id=app-1&phi_level=high&page=1&per=50',
    ],
    [
      'censusPage of a location',
      (c) => c.censusPage({ startDay: '2026-01-05', endDay: '2026-01-07', locationId: 'é +/', page: 1, per: 50 }),
      '/api/patients/census?app_id=app-1&phi_level=high&start_date=2026-01-05&end_date=2026-01-07&location_id=%C3%A9%20%2B%2F&page=1&per=50',
    ],
    ['locations', (c) => c.locations(), '/api/locations?app_id=app-1'],
    ['vaultedPatients', (c) => c.vaultedPatients(), '/api/vaults/patients?app_id=app-1'],
  ])('%s asks for its path', async (_, call, uri) => {
    const body = { patient: { casefile_id: id }, patients: [], locations: [] };
    const server = await answering(json(body));
    await call(testClient(server.url));
    expect(server.heads.map(firstLine)).toEqual([`GET ${uri} HTTP/1.1`]);
  });

  it('go on the wire as they were signed, whatever the app id holds', async () => {
    const server = await answering(json({ locations: [] }));
    const client = testClient(server.url, {
      accessId: 'id',
      secretKey: 's3cr3t/key+ü',
      appId: 'é +/%2F:',
      now: () => new Date('2026-01-06T09:08:07Z'),
    });
    await client.locations();
    const [line, ...headers] = (server.heads[0] ?? '').trim().split('\r\n');
    expect(line).toBe('GET /api/locations?app_id=%C3%A9%20%2B%2F%252F%3A HTTP/1.1');
    // printf '%s' ',,/api/locations?app_id=%C3%A9%20%2B%2F%252F%3A,Tue, 06 Jan 2026 09:08:07 GMT' |
    //   openssl dgst -sha1 -hmac 's3cr3t/key+ü' -binary | base64
    expect(headers.map((h) => h.toLowerCase().split(':')[0]).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'date',
      'host',
    ]);
    expect(headers).toEqual(
      expect.arrayContaining([
        'accept: application/vnd.kipusystems+json; version=3',
        'accept-encoding: identity',
        'date: Tue, 06 Jan 2026 09:08:07 GMT',
        'authorization: APIAuth id:WhMj8E5duydH9C31HdLTg+2WZ+A=',
      ]),
    );
  });
});

describe('answers', () => {
  it('gives a page with what to ask for next', async () => {
    const patients = [{ casefile_id: id, last_updated_at: '2026-01-06', discharge_date: '' }, { casefile_id: 'x' }];
    const server = await answering(json({ pagination: { total_pages: '3', total_records: '5' }, patients }));
    const page = await testClient(server.url).latestPage({ startDay: 'a', endDay: 'b', page: 1, per: 2 });
    expect(page).toEqual<KipuPage>({
      rows: [{ casefileId: id, masterId, lastUpdatedAt: '2026-01-06', dischargeDate: null }],
      refused: 1,
      page: 1,
      totalPages: 3,
      totalRecords: 5,
      next: 2,
    });
  });

  it.each([['application/json;charset=UTF-8'], ['application/vnd.kipusystems+json; version=3'], ['Application/JSON']])(
    'of type %s are read',
    async (type) => {
      const server = await answering(answer(200, '\ufeff{"locations":[]}', { 'content-type': type }));
      await expect(testClient(server.url).locations()).resolves.toEqual([]);
    },
  );

  it.each([
    ['another chart', { casefile_id: id.replace('4101', '4102') }, /: cannot read patient.casefile_id$/],
    [
      'an unreadable chart',
      { casefile_id: id, dob: 'x', discharge_date: 'y' },
      /: cannot read patient.dob, patient.discharge_date$/,
    ],
  ])('about %s are refused by name', async (_, patient, text) => {
    const server = await answering(json({ patient }));
    const error = await failureOf(testClient(server.url).chart(id));
    expect(error).toMatchObject({ code: 'chart-unreadable', status: 200, route: 'GET /api/patients/{casefile_id}' });
    expect(error.message).toMatch(text);
  });

  it('accepts the same chart in other letters', async () => {
    const server = await answering(json({ patient: { casefile_id: id.toUpperCase() } }));
    await expect(testClient(server.url).chart(id)).resolves.toMatchObject({ casefileId: id.toUpperCase() });
  });

  it.each(['', '4101', '../locations', `${id}/../..`, `${id}?x`])('never asks for the chart %j', async (wrong) => {
    const server = await answering(json({}));
    await expect(testClient(server.url).chart(wrong)).rejects.toMatchObject({ code: 'refused', status: null });
    expect(server.heads).toEqual([]);
  });
});

describe('walking pages', () => {
  it.each<[string, (client: KipuClient) => AsyncGenerator<KipuPage>]>([
    ['latestPages', (c) => c.latestPages({ startDay: '2026-01-05', endDay: '2026-01-07', per: 1 })],
    ['censusPages', (c) => c.censusPages({ per: 1 })],
  ])('%s asks for each page once', async (_, walk) => {
    const server = await rawServer((socket, head) => {
      const page = Number(/[?&]page=(\d+)/.exec(head)?.[1]);
      socket.write(
        json({ pagination: { total_pages: 3, total_records: 3 }, patients: [{ casefile_id: `${page}:${masterId}` }] }),
      );
    });
    const seen: string[] = [];
    for await (const page of walk(testClient(server.url))) seen.push(...page.rows.map((row) => row.casefileId));
    expect(seen).toEqual([`1:${masterId}`, `2:${masterId}`, `3:${masterId}`]);
    expect(server.heads).toHaveLength(3);
  });

  it('ends in an error, not in silence, beyond the last page that is ever asked for', async () => {
    const server = await answering(json({ patients: [{ casefile_id: id }] }));
    const pages = testClient(server.url).censusPages({ per: 1, page: MAX_PAGES });
    expect((await pages.next()).value).toMatchObject({ page: MAX_PAGES, next: MAX_PAGES + 1 });
    await expect(pages.next()).rejects.toMatchObject({ code: 'page-unreadable', status: null });
    expect(server.heads).toHaveLength(1);
  });

  it('ends with the signal', async () => {
    const server = await answering(json({ patients: [{ casefile_id: id }] }));
    const abort = new AbortController();
    const pages = testClient(server.url).censusPages({ per: 1 }, { signal: abort.signal });
    await pages.next();
    abort.abort();
    await expect(pages.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.heads).toHaveLength(1);
  });
});

describe('a client', () => {
  it('shows no credential when it is printed', () => {
    const client = testClient('http://127.0.0.1:1', { accessId: 'marked-a', secretKey: 'marked-s', appId: 'marked-p' });
    expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toContain('marked');
  });

  it('lets calls in flight end when it is closed, and takes no more', async () => {
    let closed: Promise<void> | undefined;
    let late: Promise<KipuError> | undefined;
    const server = await rawServer((socket) => {
      closed = client.close();
      late = failureOf(client.locations());
      socket.write(json({ patients: [] }));
    });
    const client = testClient(server.url);
    await expect(client.censusPage({ page: 1, per: 1 })).resolves.toMatchObject({ rows: [], next: null });
    await expect(late).resolves.toMatchObject({ code: 'cancelled', message: 'GET /api/locations: client is closed' });
    await closed;
    await client.close();
  });
});
