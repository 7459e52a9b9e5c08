import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SettingsPatch, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, allIds, call, chartOf, chartUri, idsIn, listIn } from '../../../support/signedCall.ts';
import { startWebhookReceiver } from '../../../support/webhookReceiver.ts';

const START = new Date('2026-11-03T16:20:30Z');
const NAME = 'north-harbor';
const [LATEST, CENSUS] = ['/api/patients/latest', '/api/patients/census'];
let standIn: StandIn;
beforeEach(async () => {
  standIn = await startStandIn({ startedAt: START, now: () => START });
});
afterEach(() => standIn.close());

const get = (path: string, query = '', instance = NAME) => call(standIn, instance, path, query, { date: START });
const set = (patch: SettingsPatch) => standIn.configure({ instances: { [NAME]: patch } });
const rowsOf = async (path: string, query: string) => listIn(await get(path, `${query}&per=100`)).patients;
const census = (level = 'high') => rowsOf(CENSUS, `phi_level=${level}&${ALL_DATES}`);
const latest = () => rowsOf(LATEST, ALL_DATES);

describe('Lists', () => {
  it('without placeholders have no TEST chart, and neither has the chart route', async () => {
    const tests = standIn.charts(NAME).filter(({ kind }) => kind === 'test');
    set({ placeholders: false });
    expect(await latest()).toHaveLength(40 - tests.length);
    expect((await get(...chartUri(tests[0]?.casefileId ?? ''))).status).toBe(404);
    set({ placeholders: true });
    expect(await latest()).toHaveLength(40);
  });

  it('with rowsTwice repeat a row on the first page and one across each page boundary, and have every row', async () => {
    set({ rowsTwice: true });
    const page = async (number: number) => idsIn(await get(LATEST, `${ALL_DATES}&per=10&page=${number}`));
    const [first, second] = [await page(1), await page(2)];
    expect(first[0]).toBe(first[1]);
    expect(second[0]).toBe(first[9]);
    const all = await allIds(standIn, NAME, LATEST, ALL_DATES, 10, START);
    expect([all.length, new Set(all).size]).toEqual([45, 40]);
  });

  it.each([
    [0, 40, 40],
    [0.6, 8, 24],
    [1, 0, 0],
  ])('leave out the share %d of the charts, always the same ones', async (vanished, fewest, most) => {
    set({ vanished });
    const ids = (await latest()).map((row) => row.casefile_id);
    expect(ids.length).toBeGreaterThanOrEqual(fewest);
    expect(ids.length).toBeLessThanOrEqual(most);
    expect((await census()).map((row) => row.casefile_id).toSorted()).toEqual(ids.toSorted());
    expect((await get(...chartUri(chartOf(standIn, NAME, 'admitted').casefileId))).status).toBe(200);
  });
});

describe('An instance', () => {
  it.each([
    ['latest', LATEST, ALL_DATES],
    ['census', CENSUS, 'phi_level=high'],
    ['admissions', '/api/patients/admissions', `phi_level=high&${ALL_DATES}`],
    ['vaults', '/api/vaults/patients', ''],
    ['locations', '/api/locations', ''],
    ['chart', '/api/patients/1', 'phi_level=high&patient_master_id=x'],
  ] as const)('with endpoint %s off answers only that one with 410', async (route, path, query) => {
    set({ endpointsOff: [route] });
    const called = await get(path, query);
    expect([called.status, JSON.parse(called.text)]).toEqual([410, { errors: expect.any(String) }]);
    expect((await get(route === 'locations' ? LATEST : '/api/locations', ALL_DATES)).status).toBe(200);
    expect((await get(path, query, 'blue-mesa')).status).not.toBe(410);
  });

  it.each([
    [16 * 60_000, 403],
    [-16 * 60_000, 403],
    [14 * 60_000, 200],
  ])('whose clock is off by %i ms has that Date and answers %i', async (clockOffMs, status) => {
    set({ clockOffMs });
    const called = await get('/api/locations');
    expect(called.status).toBe(status);
    expect(Date.parse(called.headers.date ?? '')).toBe(+START + clockOffMs);
  });

  it('with a latency answers after it', async () => {
    set({ latencyMs: 3_600_000 });
    let answered = false;
    const slow = get('/api/locations').then(
      () => {
        answered = true;
      },
      () => undefined,
    );
    expect((await get('/api/locations', '', 'blue-mesa')).status).toBe(200);
    expect(answered).toBe(false);
    await standIn.close();
    await slow;
    expect(answered).toBe(false);
  });

  it.each([
    [5, '5'],
    [null, undefined],
  ])('with a rate limit answers 429 and Retry-After %s until the next minute', async (retryAfterSeconds, header) => {
    let clock = START;
    const limited = await startStandIn({
      ...{ charts: 1, now: () => clock },
      settings: { all: { rateLimit: { perMinute: 2, retryAfterSeconds } } },
    });
    const locations = (name = NAME) => call(limited, name, '/api/locations', '', { date: clock });
    expect([(await locations()).status, (await locations()).status]).toEqual([200, 200]);
    const third = await locations();
    expect([third.status, third.headers['retry-after']]).toEqual([429, header]);
    expect((await locations('blue-mesa')).status).toBe(200);
    clock = new Date(+START + 60_000);
    expect((await locations()).status).toBe(200);
    await limited.close();
  });
});

describe('Webhooks by location', () => {
  it.each([
    ['by id', ['1']],
    ['by name', ['north harbor detox']],
  ])('report only changes at the chosen locations: %s', async (_, chosen) => {
    const receiver = await startWebhookReceiver();
    for (const webhook of ['patient-creation', 'chart-update'] as const) {
      standIn.webhooks.set(NAME, webhook, { url: `${receiver.url}/${webhook}` });
    }
    set({ webhookLocations: { 'chart-update': chosen } });
    const here = standIn.add(NAME, { location_id: 1, location_name: 'North Harbor Detox' });
    const elsewhere = standIn.add(NAME, { location_id: 2, location_name: 'North Harbor Residential' });
    for (const { casefileId } of [here, elsewhere]) standIn.edit(NAME, casefileId, { program: 'Adult' });
    await standIn.webhooks.idle();
    const sent = receiver.received.map(({ path, text }) => [path, JSON.parse(text).patient.casefile_id]);
    expect(sent.toSorted()).toEqual(
      [
        ['/chart-update', here.casefileId],
        ['/patient-creation', here.casefileId],
        ['/patient-creation', elsewhere.casefileId],
      ].toSorted(),
    );
  });

  it('write the id in the case of the instance', async () => {
    const receiver = await startWebhookReceiver();
    standIn.webhooks.set(NAME, 'patient-creation', { url: receiver.url });
    set({ casefileCase: 'mixed' });
    const { casefileId } = standIn.add(NAME);
    await standIn.webhooks.idle();
    expect(JSON.parse(receiver.received[0]?.text ?? '').patient.casefile_id).toBe(casefileId.toUpperCase());
  });
});
