import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  CHART_ROUTE,
  type KipuClient,
  type KipuError,
  type KipuOptions,
  type KipuPage,
  MAX_PAGES,
} from '../../../kipu/index.ts';
import { answer, failureOf, startRawServer, startServerAnswering, testClient } from '../../support/rawServer.ts';

const id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const masterId = id.slice(id.indexOf(':') + 1);
const row: KipuPage['rows'][number] = {
  ...{ casefileId: id, masterId, lastUpdatedAt: null, dischargeDate: null, locationId: null, locationName: null },
  chart: null,
};
const json = (value: unknown) => answer(200, JSON.stringify(value));
const firstLine = (head: string | undefined) => head?.split('\r\n')[0];

describe('Requests', () => {
  it.each<[string, (client: KipuClient) => Promise<unknown>, string]>([
    ['chart', (c) => c.chart(id), `/api/patients/4101?app_id=app-1&phi_level=high&patient_master_id=${masterId}`],
    [
      'chart named in capitals',
      (c) => c.chart(` ${id.toUpperCase()}\n`),
      `/api/patients/4101?app_id=app-1&phi_level=high&patient_master_id=${masterId}`,
    ],
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
    ['vaultedPage', (c) => c.vaultedPage({ page: 2, per: 50 }), '/api/vaults/patients?app_id=app-1&page=2&per=50'],
    [
      'vaultedPage of some days',
      (c) => c.vaultedPage({ startDay: '2026-01-05', endDay: '2026-01-07', page: 1, per: 50 }),
      '/api/vaults/patients?app_id=app-1&start_date=2026-01-05&end_date=2026-01-07&page=1&per=50',
    ],
  ])('of %s have its path', async (_, call, uri) => {
    const body = { patient: { casefile_id: id }, patients: [], locations: [] };
    const server = await startServerAnswering(json(body));
    await call(testClient(server.url));
    expect(server.heads.map(firstLine)).toEqual([`GET ${uri} HTTP/1.1`]);
  });

  // printf '%s' ',,/api/locations?app_id=%C3%A9%20%2B%2F%252F%3A,Tue, 06 Jan 2026 09:08:07 GMT' |
  //   openssl dgst -sha256 -hmac 's3cr3t/key+ü' -binary | base64
  it.each<[Partial<KipuOptions>, string]>([
    [{}, 'APIAuth-HMAC-SHA256 id:cIE2rCYtq/G+5/hLYKzjFc5zWy/48ChI14Qwu9n9whQ='],
    [{ digest: 'sha256' }, 'APIAuth-HMAC-SHA256 id:cIE2rCYtq/G+5/hLYKzjFc5zWy/48ChI14Qwu9n9whQ='],
    [{ digest: 'sha1' }, 'APIAuth id:WhMj8E5duydH9C31HdLTg+2WZ+A='],
  ])('are sent exactly as they were signed, with any app id (%j)', async (digest, authorization) => {
    const server = await startServerAnswering(json({ locations: [] }));
    const client = testClient(server.url, {
      accessId: 'id',
      secretKey: 's3cr3t/key+ü',
      appId: 'é +/%2F:',
      now: () => new Date('2026-01-06T09:08:07Z'),
      ...digest,
    });
    await client.locations();
    const [line, ...headers] = (server.heads[0] ?? '').trim().split('\r\n');
    expect(line).toBe('GET /api/locations?app_id=%C3%A9%20%2B%2F%252F%3A HTTP/1.1');
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
        `authorization: ${authorization}`,
      ]),
    );
  });
});

describe('Answers', () => {
  it('contain a page and the number of the next one', async () => {
    const patients = [{ casefile_id: id, last_updated_at: '2026-01-06', discharge_date: '' }, { casefile_id: 'x' }];
    const server = await startServerAnswering(json({ pagination: { total_pages: '3', total_records: '5' }, patients }));
    const page = await testClient(server.url).latestPage({ startDay: 'a', endDay: 'b', page: 1, per: 2 });
    expect(page).toEqual<KipuPage>({
      rows: [{ ...row, lastUpdatedAt: '2026-01-06' }],
      refused: 1,
      withChart: 0,
      blank: 1,
      page: 1,
      totalPages: 3,
      totalRecords: 5,
      next: 2,
    });
  });

  it.each([['application/json;charset=UTF-8'], ['application/vnd.kipusystems+json; version=3'], ['Application/JSON']])(
    'of type %s are read',
    async (type) => {
      const server = await startServerAnswering(answer(200, '\ufeff{"locations":[]}', { 'content-type': type }));
      await expect(testClient(server.url).locations()).resolves.toEqual([]);
    },
  );

  it.each([
    ['another chart', { casefile_id: id.replace('4101', '4102') }, /: cannot read patient.casefile_id$/],
    [
      'the same number of another person',
      { casefile_id: '4101:0ff1ce00-cafe-4bad-8dad-deadbeef0000' },
      /: cannot read patient.casefile_id$/,
    ],
    [
      'an unreadable chart',
      { casefile_id: id, dob: 'x', discharge_date: 'y' },
      /: cannot read patient.dob, patient.discharge_date$/,
    ],
  ])('about %s are rejected by name', async (_, patient, text) => {
    const server = await startServerAnswering(json({ patient }));
    const error = await failureOf(testClient(server.url).chart(id));
    expect(error).toMatchObject({ code: 'chart-unreadable', status: 200, route: CHART_ROUTE });
    expect(error.message).toMatch(text);
  });

  it('have one form of a casefile id, in whatever case KIPU or the caller writes it', async () => {
    const upper = id.toUpperCase();
    const server = await startServerAnswering(
      json({ patient: { casefile_id: upper }, patients: [{ casefile_id: upper }] }),
    );
    const client = testClient(server.url);
    for (const asked of [id, upper]) {
      await expect(client.chart(asked)).resolves.toMatchObject({ casefileId: id, masterId });
    }
    for (const page of [client.censusPage({ page: 1, per: 1 }), client.vaultedPage({ page: 1, per: 1 })]) {
      await expect(page).resolves.toMatchObject({ rows: [{ casefileId: id, masterId }] });
    }
  });

  it.each(['', '4101', '4101:', `:${masterId}`, masterId, '../locations', `${id}/../..`, `${id}?x`])(
    'are never requested for the chart %j',
    async (wrong) => {
      const server = await startServerAnswering(json({}));
      await expect(testClient(server.url).chart(wrong)).rejects.toMatchObject({
        ...{ code: 'refused', status: null, route: CHART_ROUTE },
        message: expect.stringContaining('not sent, because the casefile id is not a number, a colon and a UUID'),
      });
      expect(server.heads).toEqual([]);
    },
  );
});

describe('A list', () => {
  it.each<[string, (client: KipuClient, page: number) => Promise<KipuPage>]>([
    ['latestPage', (c, page) => c.latestPage({ startDay: '2026-01-05', endDay: '2026-01-07', page, per: 1 })],
    ['censusPage', (c, page) => c.censusPage({ page, per: 1 })],
    ['vaultedPage', (c, page) => c.vaultedPage({ page, per: 1 })],
  ])('(%s) has the number of the next page, and ends in an error beyond the page limit', async (_, read) => {
    const server = await startServerAnswering(json({ patients: [{ casefile_id: id }] }));
    const client = testClient(server.url);
    await expect(read(client, MAX_PAGES)).resolves.toMatchObject({ page: MAX_PAGES, next: MAX_PAGES + 1 });
    await expect(read(client, MAX_PAGES + 1)).rejects.toMatchObject({ code: 'page-unreadable', status: null });
    expect(server.heads).toHaveLength(1);
  });
});

describe('A client', () => {
  it('shows no credentials when it is printed', () => {
    const client = testClient('http://127.0.0.1:1', { accessId: 'marked-a', secretKey: 'marked-s', appId: 'marked-p' });
    expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toContain('marked');
  });

  it.each([1, 3, 20])('has at most as many calls in flight as its %i connections', async (connections) => {
    const ports = new Set<number | undefined>();
    const waiting: Socket[] = [];
    const server = await startRawServer((socket) => {
      ports.add(socket.remotePort);
      waiting.push(socket);
      if (waiting.length < connections) return;
      for (const one of waiting.splice(0)) one.write(json({ locations: [] }));
    });
    const client = testClient(server.url, { connections });
    await Promise.all(Array.from({ length: 2 * connections }, () => client.locations()));
    expect(ports.size).toBe(connections);
  });

  it('finishes calls in flight when it is closed, and rejects new ones', async () => {
    let closed: Promise<void> | undefined;
    let late: Promise<KipuError> | undefined;
    const server = await startRawServer((socket) => {
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
