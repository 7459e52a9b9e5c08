import { describe, expect, it } from 'vitest';
import type { RecordDocument } from '../../../../store/documents.ts';
import { heldRecord } from '../../../support/markedDocuments.ts';
import { aMeasuredWebhook, at } from '../../../support/recordFixtures.ts';
import { staffApp } from '../../../support/staffApp.ts';

const webhooks = (['patient-creation', 'chart-update'] as const).map((webhook) => aMeasuredWebhook({ webhook }));
const failure = { key: 'k', code: 'chart-unreadable', text: 'no date', times: 1, since: at, at };
const named = (lastName: string, change: Partial<RecordDocument> = {}) => heldRecord({ lastName }, change);
const incomplete = named('Ashgrove', { status: 'notReady', hold: null, missing: ['dob', 'mrNumber'] });
const unreadable = named('Birchfen', { status: 'failed', hold: null, failure });
const linked = named('Cedarholm', { status: 'synced', hold: null });
const held = named('Dunmoor');
const all = [incomplete, unreadable, linked, held];
const stored = { records: all, webhooks, locations: { north: ['Detox', 'Manor'] } };

const namesIn = (body: string) =>
  all.flatMap(({ chart }) => (body.includes(`${chart?.lastName}`) ? [chart?.lastName] : []));
const tabsIn = (body: string) =>
  [...body.matchAll(/<a href="(\/attention[^"]*)"[^>]*>([^<]+) <strong>(\d+)<\/strong>/g)].map(
    ([, , name, n]) => `${name} ${n}`,
  );

describe('/attention', () => {
  it('lists everything that needs a person, with what is missing by its name in KIPU', async () => {
    const { get } = await staffApp({ stored, sees: ['north'] });
    const { body } = await get('/attention');
    expect(namesIn(body)).toEqual(['Ashgrove', 'Birchfen', 'Dunmoor']);
    expect(body).toContain('Date of birth and MR number are missing in KIPU.');
    expect(body).toContain('A date or another field of the chart cannot be read.');
    expect(body).toContain('3 items need a person.');
    const counts = ['All 3', 'Locked records 1', 'Missing information 1', 'Could not be read 1'];
    expect(tabsIn(body)).toEqual([...counts, 'Connection trouble 0', 'Receiver away 0']);
  });

  it.each([
    ['kind=missing', ['Ashgrove']],
    ['kind=locked&instance=north', ['Dunmoor']],
    ['kind=connection', []],
    ['location=Detox', ['Ashgrove', 'Birchfen', 'Dunmoor']],
    ['location=Manor', []],
    ['kind=other&after=', ['Ashgrove', 'Birchfen', 'Dunmoor']],
  ])('?%s lists what it says', async (query, names) => {
    const { get } = await staffApp({ stored, sees: ['north'] });
    const { statusCode, body } = await get(`/attention?${query}`);
    expect(statusCode).toBe(200);
    expect(namesIn(body)).toEqual(names);
  });

  it('has connections before records on its first page only, and keeps the filters from page to page', async () => {
    const records = Array.from({ length: 41 }, () => heldRecord());
    const conditions = [{ instance: 'north', kind: 'late' as const, detail: null, text: '', since: at }];
    const { get } = await staffApp({ stored: { ...stored, records, conditions }, sees: ['north'] });
    const first = (await get('/attention?location=Detox')).body;
    expect(first.indexOf('No sync has ended')).toBeLessThan(first.indexOf('/records/'));
    const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
    expect(next).toContain('location=Detox');
    const second = (await get(next.replaceAll('&amp;', '&'))).body;
    expect(second).not.toContain('No sync has ended');
    expect(second.match(/href="\/records\/r-[a-z0-9]+"/g)).toHaveLength(1);
  });

  it.each([
    ['staff', true],
    ['viewer', false],
  ] as const)('to %s has a link to unlock: %s', async (role, has) => {
    const { get } = await staffApp({ role, stored, sees: ['north'] });
    expect((await get('/attention')).body.includes(`/records/${held._id}/unlock`)).toBe(has);
  });

  // The counts of a sync link to its own records: test/unit/web/staff/pages.test.ts.
  it('is where the counts of Home link to, unless they are zero', async () => {
    const { get } = await staffApp({ stored, sees: ['north'] });
    const { body } = await get('/');
    const figures = [...body.matchAll(/<dd>(?:<a href="\/attention\?kind=(\w+)">)?(\d+)(?:<\/a>)?<\/dd>/g)];
    const linked = figures.flatMap(([, kind, n]) => (kind === undefined ? [] : [[kind, Number(n) > 0]]));
    expect(linked).toContainEqual(['locked', true]);
    expect(linked.every(([, isMore]) => isMore)).toBe(true);
  });

  it('says so where nothing needs attention', async () => {
    const { get } = await staffApp({ stored: { webhooks }, sees: ['north'] });
    expect((await get('/attention')).body).toContain('Nothing needs attention.');
  });
});

describe('Home', () => {
  it('links the count of each kind to its list', async () => {
    const { get } = await staffApp({ stored, sees: ['north'] });
    const { body } = await get('/');
    const links = [...body.matchAll(/<dt>([^<]+)<\/dt><dd><a href="\/attention\?kind=(\w+)">(\d+)</g)];
    expect(links.map(([, name, kind, n]) => [name, kind, n])).toEqual([
      ['Locked records', 'locked', '1'],
      ['Missing information', 'missing', '1'],
      ['Could not be read', 'unreadable', '1'],
    ]);
  });

  it('says so where nothing needs attention', async () => {
    const { get } = await staffApp({ stored: { webhooks }, sees: ['north'] });
    expect((await get('/')).body).toContain('Nothing needs attention.');
  });
});
