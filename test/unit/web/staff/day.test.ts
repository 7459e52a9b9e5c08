import { describe, expect, it } from 'vitest';
import { dischargedAt } from '../../../../domain/lock.ts';
import type { RecordDocument } from '../../../../store/documents.ts';
import { heldRecord, referralOf } from '../../../support/markedDocuments.ts';
import { aRun } from '../../../support/memoryStore.ts';
import { aHold, at } from '../../../support/recordFixtures.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const ZONE = 'America/Los_Angeles';

function discharged(lastName: string, dischargeDate: string, change: Partial<RecordDocument> = {}): RecordDocument {
  const record = heldRecord({ lastName }, { timeZone: ZONE, ...change });
  if (record.chart === null) throw new Error('no chart');
  const chart = { ...record.chart, dischargeDate, destination: 'Copper Vale' };
  return { ...record, chart, dischargedAt: dischargedAt(dischargeDate, ZONE) };
}

/* It is Sunday, March 1, 2026, 4 in the morning there. */
const referred = discharged('Ashgrove', '2026-03-01T04:30:00.000Z', { status: 'synced', hold: null });
const held = discharged('Birchfen', '2026-02-28T23:10:00');
const incomplete = discharged('Cedarholm', '2026-02-28', { status: 'notReady', hold: null, missing: ['dob'] });
const yesterday = discharged('Dunmoor', '2026-02-27T12:00:00', { lastHold: aHold, status: 'synced', hold: null });
const planned = discharged('Elmsford', '2026-03-01T20:00:00');
const deleted = discharged('Fernley', '2026-02-28', { status: 'void', hold: null });
const records = [referred, held, incomplete, yesterday, planned, deleted];
const run = aRun({
  startedAt: new Date('2026-02-10T00:00:00Z'),
  window: { startDay: '2026-01-12', endDay: '2026-02-10' },
});
const stored = {
  records,
  referrals: [{ ...referralOf(referred), createdAt: at }],
  runs: [run],
  locations: { north: ['Detox'] },
};
const instances = [{ name: 'north', timeZone: ZONE }, { name: 'south' }];
const start = () => staffApp({ stored, sees: ['north'], context: { instances } });

const textOf = (body: string) => body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const namesIn = (body: string) =>
  records.flatMap(({ chart }) => (body.includes(`${chart?.lastName}`) ? [chart?.lastName] : []));

describe('/day', () => {
  it('counts the discharges of the location’s day, each once, so that they add up', async () => {
    const { get } = await start();
    const { body } = await get('/day?on=2026-02-28');
    expect(body).toContain('<bdi>Saturday, February 28, 2026</bdi>');
    expect(textOf(body)).toContain('3 discharged, 1 referred, 2 still open.');
    expect(textOf(body)).toContain(
      '3 discharged = 1 referred + 0 internal transfer + 0 no destination + 1 locked + 1 missing information + 0 could not be read + 0 not read yet',
    );
    expect(namesIn(body)).toEqual([]);
  });

  it.each([
    ['list=all', ['Ashgrove', 'Birchfen', 'Cedarholm']],
    ['list=locked&location=Detox', ['Birchfen']],
    ['list=missing', ['Cedarholm']],
    ['list=destination', ['Ashgrove', 'Birchfen', 'Cedarholm']],
    ['list=all&location=-', []],
    ['list=unreadable', []],
    ['list=other', []],
  ])('with %s lists the patients behind the number', async (query, names) => {
    const { get } = await start();
    expect(namesIn((await get(`/day?on=2026-02-28&${query}`)).body)).toEqual(names);
  });

  it('links each number that is not zero to its patients', async () => {
    const { get } = await start();
    const { body } = await get('/day?on=2026-02-28');
    const links = [...body.matchAll(/href="(\/day[^"]*)#patients"[^>]*>(\d+)</g)].map(([, url = '', n]) => ({
      url,
      n,
    }));
    expect(links).toHaveLength(5);
    for (const { url, n } of links)
      expect(namesIn((await get(url.replaceAll('&amp;', '&'))).body)).toHaveLength(Number(n));
  });

  it('is today in the zone of the clinic by default, and never a day to come', async () => {
    const { get } = await start();
    for (const url of ['/day', '/day?on=2026-03-09', '/day?on=nonsense']) {
      const { body } = await get(url);
      expect(body).toContain('<bdi>Sunday, March 1, 2026</bdi>');
      expect(body).toContain('Nobody was discharged.');
      expect(body).not.toContain('rel="next"');
    }
    expect(NOW.toISOString()).toBe('2026-03-01T12:00:00.000Z');
  });

  it('has a calendar back to the first day of the first sync, with a mark where something is open', async () => {
    const { get } = await start();
    const { body } = await get('/day?on=2026-02-28');
    expect(body).toContain('>Saturday, February 28, 2026: 3 discharged, 2 open<');
    expect(body).toContain('>Friday, February 27, 2026: 1 discharged, 1 open<');
    expect(body.match(/<span class="open" aria-hidden="true">●<\/span>/g)).toHaveLength(2);
    expect(body).toContain('href="/day?on=2026-01-31">Previous month');
    const first = (await get('/day?on=2026-01-12')).body;
    expect(first).toContain('<span class="soft">Previous month</span>');
    expect(first).not.toContain('rel="prev"');
    expect(first).not.toContain('href="/day?on=2026-01-11"');
  });

  it('draws trends with a description, and a table that says the same', async () => {
    const { get } = await start();
    const { body } = await get('/day?on=2026-02-28&days=90');
    const charts = body.match(/<svg class="trend" viewBox="0 0 360 [^"]*" role="img" aria-labelledby="[^"]+"><title /g);
    expect(charts).toHaveLength(3);
    expect(body.match(/<desc id="[^"]+">[^<]+<\/desc>/g)).toHaveLength(3);
    expect(body.match(/<summary>Show as a table<\/summary>/g)).toHaveLength(3);
    expect(textOf(body)).toContain('4 discharged. From discharge to referral: 5 h in the median, 5 h for nine of ten.');
    expect(textOf(body)).toContain('Locked: 25 % (1 of 4).');
  });

  it('reads the last seven days and the chosen one each time, and older days again after a quarter of an hour', async () => {
    const clock = { at: NOW };
    const { get, data } = await staffApp({ stored, sees: ['north'], context: { instances }, clock });
    const shown = async (on: string) => {
      const body = textOf((await get(`/day?on=${on}&days=90`)).body);
      return [/(\d+) discharged,/.exec(body)?.[1], /(\d+) discharged\. From/.exec(body)?.[1]];
    };
    const add = (on: string, change: Partial<RecordDocument> = { status: 'synced', hold: null }) =>
      data.records.push({ ...discharged('Gorsefield', on, change), _id: `r-${data.records.length}` });
    expect(await shown('2026-03-01')).toEqual(['0', '4']);
    add('2026-02-23');
    expect(await shown('2026-03-01')).toEqual(['0', '5']);
    add('2026-02-22');
    expect(await shown('2026-03-01')).toEqual(['0', '5']);
    expect((await shown('2026-02-22'))[0]).toBe('1');
    clock.at = new Date(NOW.getTime() + 16 * 60_000);
    expect(await shown('2026-03-01')).toEqual(['0', '6']);
    add('2026-02-21', {});
    clock.at = new Date(clock.at.getTime() + 6_000);
    expect(await shown('2026-03-01'), 'another record is locked').toEqual(['0', '7']);
  });

  it('keeps no day while the first syncs are not an hour ago', async () => {
    const young = [{ ...run, startedAt: new Date(NOW.getTime() - 59 * 60_000) }];
    for (const runs of [young, []]) {
      const at = await staffApp({ stored: { ...stored, runs }, sees: ['north'], context: { instances } });
      const trend = async () => /(\d+) discharged\. /.exec(textOf((await at.get('/day?days=90')).body))?.[1];
      const before = Number(await trend());
      at.data.records.push({
        ...discharged('Gorsefield', '2026-02-03', { status: 'synced', hold: null }),
        _id: 'r-new',
      });
      expect(Number(await trend())).toBe(before + 1);
    }
  });
});
