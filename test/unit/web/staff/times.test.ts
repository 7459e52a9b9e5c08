import { describe, expect, it, vi } from 'vitest';
import { csvOf } from '../../../../web/staff/referrals/csv.ts';
import { serviceZone, zonesOf } from '../../../../web/staff/zones.ts';
import { adminData } from '../../../support/adminPages.ts';
import { heldRecord, pagesOf, referralOf, stories } from '../../../support/markedDocuments.ts';
import { aRun, emptyData, memoryStore } from '../../../support/memoryStore.ts';
import { aReferral } from '../../../support/recordFixtures.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const LOS_ANGELES = 'America/Los_Angeles';
const NEW_YORK = 'America/New_York';
const instances = [
  { name: 'north', timeZone: LOS_ANGELES, locationTimeZones: { 7: 'America/Denver' } },
  { name: 'south', timeZone: NEW_YORK },
];
/** In UTC it is the next day. */
const EVENING = new Date('2026-03-01T04:45:52Z');

describe('A page of several instances', () => {
  it('shows each sync in the zone of its instance, with UTC in the title', async () => {
    const runs = ['north', 'south'].map((instance) => aRun({ _id: instance, instance, startedAt: EVENING }));
    const { get } = await staffApp({ stored: { runs }, context: { instances } });
    const { body } = await get('/runs');
    const title = 'title="2026-03-01 04:45:52 UTC"';
    expect(body).toContain(`<time datetime="2026-03-01T04:45:52.000Z" ${title}>Feb 28, 8:45 PM PST</time>`);
    expect(body).toContain(`${title}>Feb 28, 11:45 PM EST</time>`);
  });

  it('shows syncs in the zone that the person chose, and charts in the zone of the clinic', async () => {
    const runs = ['north', 'south'].map((instance) => aRun({ _id: instance, instance, startedAt: EVENING }));
    const record = heldRecord({}, { timeZone: LOS_ANGELES });
    if (record.chart) record.chart.dischargeDate = '2026-03-01T04:45:52Z';
    const { get } = await staffApp({
      stored: { runs, records: [record] },
      context: { instances },
      timeZone: 'America/Chicago',
    });
    const { body } = await get('/runs');
    expect(body.match(/>Feb 28, 10:45 PM CST</g)).toHaveLength(2);
    expect((await get('/runs/north')).body).toContain('>Feb 28, 10:45 PM CST<');
    expect((await get('/held')).body).toContain('>Feb 28, 8:45 PM PST<');
  });

  it.each([
    [undefined, 'UTC', ['2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'], '4:45 AM UTC'],
    [LOS_ANGELES, LOS_ANGELES, ['2026-02-28T08:00:00.000Z', '2026-03-01T08:00:00.000Z'], '8:45 PM PST'],
  ])('of the audit has the days of the person, or of UTC: %s', async (timeZone, shown, days, time) => {
    const store = memoryStore({ ...emptyData(), audit: adminData().audit.map((event) => ({ ...event, at: EVENING })) });
    const page = vi.spyOn(store.auditPages, 'page');
    const { get } = await staffApp({ role: 'admin', context: { instances, store }, ...(timeZone && { timeZone }) });
    const { body } = await get('/audit?from=2026-02-28&until=2026-02-28');
    expect(body).toContain(`Days and times are in the zone ${shown}.`);
    const { from, until } = page.mock.calls[0]?.[0] ?? expect.unreachable();
    expect([from?.toISOString(), until?.toISOString()]).toEqual(days);
    expect((await get('/audit')).body).toContain(time);
  });

  it('shows each referral in the zone of its record, of its location, or of its instance', async () => {
    const [denver, chicago, own] = [heldRecord(), heldRecord({}, { timeZone: 'America/Chicago' }), heldRecord()];
    const referrals = [denver, chicago, own].map((record) => ({ ...referralOf(record), updatedAt: EVENING }));
    if (referrals[0]) referrals[0].facility = { locationId: '7', name: 'Ridge' };
    const { get } = await staffApp({ stored: { records: [denver, chicago, own], referrals }, context: { instances } });
    const { body } = await get('/referrals');
    for (const shown of ['9:45 PM MST', '10:45 PM CST', '8:45 PM PST']) expect(body).toContain(`Feb 28, ${shown}`);
  });
});

describe('A record', () => {
  it('shows everything in the zone of its location, and the birth date as a day', async () => {
    const record = heldRecord({ dob: '1991-11-20T00:00:00' }, { timeZone: NEW_YORK, createdAt: EVENING });
    const { get } = await staffApp({ stored: { records: [record] }, context: { instances } });
    const { body } = await get(`/records/${record._id}`);
    expect(body).toContain('Feb 28, 11:45 PM EST');
    expect(body).not.toContain('PST');
    expect(body).toContain('<time datetime="1991-11-20">Nov 20, 1991</time>');
  });

  it('has a planned discharge until the discharge has come', async () => {
    const day = (dischargeDate: string) => {
      const record = heldRecord({}, { status: 'synced', hold: null });
      if (record.chart) record.chart.dischargeDate = dischargeDate;
      return { record, referral: { ...referralOf(record), dischargeDate } };
    };
    const all = [day('2026-12-02'), day('2026-03-01')];
    const stored = { records: all.map(({ record }) => record), referrals: all.map(({ referral }) => referral) };
    const { get } = await staffApp({ stored, context: { instances } });
    const planned = 'Planned: <time datetime="2026-12-02">Dec 2</time>';
    const list = (await get('/referrals')).body;
    expect(list).toContain(planned);
    expect(list.match(/Planned:/g)).toHaveLength(1);
    const [coming, past] = await Promise.all(
      stored.records.map(async ({ _id }) => (await get(`/records/${_id}`)).body),
    );
    expect(coming?.match(/Planned:/g)).toHaveLength(2);
    expect(past).not.toContain('Planned:');
  });
});

describe('Home', () => {
  it('counts the referrals of the day that began at midnight of the instance', async () => {
    const asked: [string, string][] = [];
    const { all } = stories();
    const store = memoryStore(all);
    const changedSince: typeof store.referrals.changedSince = async (instance, since) => {
      asked.push([instance, since.toISOString()]);
      return 0;
    };
    const context = { instances, store: { ...store, referrals: { ...store.referrals, changedSince } } };
    const { get } = await staffApp({ context });
    expect((await get('/')).statusCode).toBe(200);
    expect(NOW.toISOString()).toBe('2026-03-01T12:00:00.000Z');
    expect(asked).toEqual([
      ['north', '2026-03-01T08:00:00.000Z'],
      ['south', '2026-03-01T05:00:00.000Z'],
    ]);
  });
});

describe('No page', () => {
  const here = stories();
  it.each(pagesOf(here).map((url, n) => [n, url]))('says that its times are in UTC (%i)', async (_, url) => {
    const inOneZone = instances.map((one) => ({ ...one, timeZone: 'America/Denver' }));
    const { get } = await staffApp({ stored: here.all, context: { instances: inOneZone } });
    const { body } = await get(url);
    expect(body).not.toContain('Times are in UTC');
    expect(body.replaceAll(/title="[^"]*"/g, '')).not.toContain('UTC');
  });
});

describe('The export', () => {
  it('has instants with the offset of the zone, and dates of birth as days', async () => {
    async function* one() {
      const referral = aReferral({ createdAt: EVENING, updatedAt: new Date('2026-07-01T04:45:52Z') });
      yield {
        referral: { ...referral, patient: { ...referral.patient, dob: '1948-09-27T00:00:00' } },
        basis: '',
        zone: LOS_ANGELES,
      };
    }
    const lines: string[] = [];
    for await (const line of csvOf(one())) lines.push(line);
    const [head = [], row = []] = lines.map((line) => line.split(','));
    const of = (title: string) => row[head.indexOf(`"${title}"`)];
    expect([of('Created'), of('Last changed'), of('Date of birth')]).toEqual([
      '"2026-02-28T20:45:52-08:00"',
      '"2026-06-30T21:45:52-07:00"',
      '"1948-09-27"',
    ]);
  });
});

describe('zonesOf', () => {
  it('follows instances that are added and changed while the pages are served', () => {
    let all: { name: string; timeZone: string }[] = [];
    const zoneOf = zonesOf({
      get instances() {
        return all;
      },
    });
    expect(zoneOf('north')).toBe('UTC');
    all = [{ name: 'north', timeZone: NEW_YORK }];
    expect(zoneOf('north')).toBe(NEW_YORK);
  });
});

describe('serviceZone', () => {
  it.each([
    ['the zone that all instances have', [NEW_YORK, NEW_YORK], NEW_YORK],
    ['UTC where they differ', [NEW_YORK, LOS_ANGELES], 'UTC'],
    ['UTC where one has none', [NEW_YORK, undefined], 'UTC'],
    ['UTC without instances', [], 'UTC'],
  ])('is %s', (_, zones, zone) => {
    expect(serviceZone(zones.map((timeZone, n) => ({ name: `i${n}`, timeZone })))).toBe(zone);
  });
});
