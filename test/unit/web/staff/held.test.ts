import { describe, expect, it } from 'vitest';
import { addDays } from '../../../../domain/time.ts';
import type { RecordDocument } from '../../../../store/documents.ts';
import { heldRecord, stories } from '../../../support/markedDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const many = Array.from({ length: 120 }, () => heldRecord());
const hrefs = (body: string, text: string) =>
  [...body.matchAll(new RegExp(`href="([^"]*)"[^>]*>${text}<`, 'g'))].map(([, href = '']) =>
    href.replaceAll('&amp;', '&'),
  );
const discharged = (daysAgo: number): RecordDocument => {
  const record = heldRecord();
  const dischargeDate = addDays(NOW, -daysAgo).toISOString().slice(0, 10);
  return { ...record, chart: record.chart && { ...record.chart, dischargeDate } };
};

describe('The locked records', () => {
  it.each([
    [0, 'Today', 'plain'],
    [1, '1 day', 'plain'],
    [2, '2 days, late', 'warn'],
    [3, '3 days, late', 'warn'],
    [4, '4 days, very late', 'bad'],
    [18, '18 days, very late', 'bad'],
  ])('discharged %i days ago say “%s”, in words and not by color alone', async (days, text, tone) => {
    const { get } = await staffApp({ stored: { records: [discharged(days)] } });
    expect((await get('/held')).body).toContain(`<span class="mark ${tone}">${text}</span>`);
  });

  it('are counted, and those that match the filters too', async () => {
    const { get } = await staffApp({ stored: { records: [...many, ...stories({}, 'south').all.records] } });
    expect((await get('/held')).body).toContain('<p>121 locked records</p>');
    expect((await get('/held?instance=south')).body).toContain('<p>1 of 121 locked records</p>');
  });

  it('are sorted by a heading, which keeps the filters and says the order', async () => {
    const { get } = await staffApp({ stored: { records: many } });
    const first = (await get('/held?location=Detox')).body;
    expect(first).toMatch(/<th scope="col" aria-sort="descending"><a [^>]*>Days since discharge/);
    expect(hrefs(first, 'Patient')).toEqual(['/held?location=Detox&sort=name']);
    const sorted = (await get('/held?location=Detox&sort=name')).body;
    expect(sorted.match(/aria-sort="[a-z]+"/g)).toEqual(['aria-sort="ascending"']);
    expect(hrefs(sorted, 'Days since discharge')).toEqual(['/held?location=Detox&sort=discharge']);
    // Filtering keeps the order.
    expect(sorted).toContain('<input type="hidden" name="sort" value="name"/>');
  });

  it('link from each page to the one before', async () => {
    const { get } = await staffApp({ stored: { records: many } });
    const seen: string[] = [];
    let at = '/held?sort=held';
    for (const text of ['Next page', 'Next page', 'Previous page', 'Previous page']) {
      const { body } = await get(at);
      seen.push(/records\/(r-[a-z0-9]+)"/.exec(body)?.[1] ?? '');
      [at = ''] = hrefs(body, text);
    }
    expect(at).toBe('/held?sort=held');
    expect(seen).toEqual([many[0], many[50], many[100], many[50]].map((one) => one?._id));
  });

  it('can be filtered by the levels of care of their charts, without KIPU’s prefix', async () => {
    const [one] = many;
    const level = { ...one, chart: { ...one?.chart, levelOfCare: 'UR LOC: PHP' } } as RecordDocument;
    const { get } = await staffApp({ stored: { records: [level] } });
    expect((await get('/held')).body).toMatch(/<option value="UR LOC: PHP">PHP<\/option>/);
    expect((await get('/held?level=UR+LOC%3A+PHP')).body).toMatch(/<summary>Filters \(on\)<\/summary>/);
  });

  it('can all be selected that match, over all pages and of the visible instances', async () => {
    const stored = { records: [...many, ...stories({}, 'south').all.records] };
    const { get, submit } = await staffApp({ stored, sees: ['north'] });
    expect((await get('/held')).body).toContain('>Select all 120 that match</button>');
    const { body } = await submit('/held/unlock', { matching: '1', instance: '' });
    expect(body).toContain('<h1><bdi>Unlock 120 records</bdi></h1>');
  });
});

describe.each([
  ['Locked records', '/held', '/held?location=Detox&sort=name'],
  ['Referrals', '/referrals', '/referrals?facility=Detox&sort=destination'],
])('The filters and the order of %s', (_, path, filtered) => {
  it.each(['viewer', 'staff'] as const)('are kept for a %s as last used, until they are cleared', async (role) => {
    const { get, data } = await staffApp({ role, stored: { records: many.slice(0, 2) } });
    const goes = async (url: string, headers = {}) => {
      const { statusCode, headers: answer } = await get(url, headers);
      return statusCode === 303 ? answer.location : statusCode;
    };
    expect(await goes(path)).toBe(200);
    expect(await goes(filtered)).toBe(200);
    expect(await goes(path)).toBe(filtered);
    // What says something, selects all or reads itself again stays as it is.
    for (const query of ['say=none', 'all=1']) expect(await goes(`${path}?${query}`)).toBe(200);
    expect(await goes(path, { 'x-refresh': '1' })).toBe(200);
    expect((await get(filtered)).body).toContain(`<a href="${path}?clear=1">Clear filters</a>`);
    expect(await goes(`${path}?clear=1`)).toBe(path);
    expect([await goes(path), data.pageStates]).toEqual([200, {}]);
  });

  it('are cleared by a form that chooses nothing', async () => {
    const { get, data } = await staffApp();
    await get(filtered);
    await get(`${path}?instance=&sort=`);
    expect(data.pageStates).toEqual({});
  });
});

describe('After an unlock', () => {
  it('the next record is the next of the list that was used last', async () => {
    const [one, two, three, elsewhere] = many;
    const south = { ...elsewhere, instance: 'south' } as RecordDocument;
    const records = [one, south, two, three].filter((record) => record !== undefined);
    const { submit, get } = await staffApp({ stored: { records } });
    await get('/held?instance=north');
    const { body } = await submit(`/records/${two?._id}/unlock`, { why: 'checked' });
    expect(body).toContain('Done. 2 left that match your filters.');
    expect(hrefs(body, 'Next locked record')).toEqual([`/records/${three?._id}`]);
    const last = await submit(`/records/${three?._id}/unlock`, { why: 'checked' });
    // After the last comes the first.
    expect(hrefs(last.body, 'Next locked record')).toEqual([`/records/${one?._id}`]);
  });

  it('the page of the record says how many are left, and links to the next', async () => {
    const records = many.slice(0, 3);
    const { submit, get } = await staffApp({ stored: { records } });
    const { at, body } = await submit(`/records/${records[0]?._id}/unlock`, { why: 'checked' });
    expect(body).toContain('Done. 2 left.');
    expect(hrefs(body, 'Next locked record')).toEqual([`/records/${records[1]?._id}`]);
    expect(hrefs(body, 'Locked records').length).toBe(2);
    expect((await get(at)).body).toContain('Done. 2 left.');
    expect((await get(at.split('?')[0] ?? '')).body).not.toContain('Done.');
  });

  it('of the last one says that none is left', async () => {
    const [one] = many;
    const { submit } = await staffApp({ stored: { records: one ? [one] : [] } });
    const { body } = await submit(`/records/${one?._id}/unlock`, { why: 'checked' });
    expect(body).toContain('No locked records are left.');
    expect(body).not.toContain('Next locked record');
  });
});
