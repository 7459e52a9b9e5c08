import { describe, expect, it } from 'vitest';
import type { WebhookHealth } from '../../../../domain/lock.ts';
import { runWarning } from '../../../../domain/run.ts';
import { newRecordId } from '../../../../store/ids.ts';
import type { MeasuredWebhook } from '../../../../store/webhookHealth.ts';
import { heldRecord, pagesOf, referralOf, stories } from '../../../support/markedDocuments.ts';
import { aRun } from '../../../support/memoryStore.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const here = stories();
const TITLES = [
  'Home',
  'Locked records',
  'Locked records',
  'Referrals',
  'Sync history',
  'KIPU connections',
  'Sync',
  'Needs attention',
  ...Array(2).fill('The day'),
  ...Array(3).fill('Intake opportunity'),
  'Unlock EMR Updates',
  'Consent',
  ...Array(2).fill('Export'),
  'Changes without a webhook',
  'A record is locked: what now',
  'Search',
  ...Array(2).fill('Unlock'),
];

describe('Every page', () => {
  it.each(pagesOf(here).map((url, n) => [url.replace(/r-[a-z0-9]{16}/, '…'), url, TITLES[n]]))(
    '%s has a title, landmarks, one heading, and is not cached',
    async (_, url, title) => {
      const { get } = await staffApp({ stored: here.all });
      const { statusCode, body, headers } = await get(url);
      expect(statusCode).toBe(200);
      expect(body).toMatch(/^<!doctype html><html lang="en">/);
      expect(body).toContain(`<title>${title} · KIPU Referrals</title>`);
      for (const landmark of [
        /<a class="skip" href="#main">/,
        /<header\b/,
        /<nav\b[^>]*aria-label="Main"/,
        /<main\b/,
        /<footer\b/,
      ])
        expect(body).toMatch(landmark);
      expect(body.match(/<h1\b/g)).toHaveLength(1);
      expect(body).toContain('Robin Vale');
      expect(body).toMatch(/data-count="\/held">\d/);
      expect(body).toMatch(/data-count="\/attention">\d/);
      // Nothing that the Content-Security-Policy would block.
      expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script>/);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    },
  );

  it.each(pagesOf(here).filter((url) => /r-[a-z0-9]{16}|\/runs\/./.test(url)))(
    '%s answers 404 to users who may not see its instance',
    async (url) => {
      const { get } = await staffApp({ stored: here.all, sees: ['south'] });
      expect((await get(url)).statusCode).toBe(404);
      const unknown = url.replace(/r-[a-z0-9]{16}/, newRecordId()).replace(/0c9f7a3e/, '0c9f7a3f');
      const strip = (html: string) => html.replaceAll(/"[^"]*"/g, '');
      expect(strip((await get(url)).body)).toBe(strip((await get(unknown)).body));
    },
  );

  it.each(['/', '/attention', '/day?on=2026-02-27', '/held', '/referrals', '/runs', '/webhooks'])(
    '%s shows only instances the user may see',
    async (url) => {
      const other = stories({ lastName: 'Southerly' }, 'south');
      const stored = {
        ...here.all,
        records: [...here.all.records, ...other.all.records],
        runs: [...here.all.runs, aRun({ _id: 'another', instance: 'south' })],
      };
      const { get } = await staffApp({
        stored: { ...stored, referrals: [...here.all.referrals, ...other.all.referrals] },
        sees: ['north'],
      });
      const { body } = await get(url);
      expect(body).toContain('north');
      expect(body).not.toContain('south');
      expect(body).not.toContain('Southerly');
    },
  );

  it('/webhooks shows no webhook secret', async () => {
    const { get } = await staffApp({ stored: here.all });
    const { body } = await get('/webhooks');
    expect(body).not.toContain('not to be shown');
    expect(body).toContain('https://referrals.example/webhooks/north/chart-update');
    expect(body).toContain('no webhook secret for Patient Creation and Chart Update');
  });

  it('shows webhooks by location, the worst first, and names it at home', async () => {
    const measured = (locationId: string, locationName: string, health: WebhookHealth): MeasuredWebhook => ({
      ...{ _id: `north/chart-update/${locationId}`, schemaVersion: 1, instance: 'north', webhook: 'chart-update' },
      ...{ locationId, locationName, health, lastDeliveryAt: null, lastNotified: null },
      cycles: [{ run: 'run-1', at: NOW, announced: 3, missed: health === 'failing' ? 1 : 0, unheard: 0 }],
    });
    const webhooks = [
      measured('1', 'Detox', 'healthy'),
      measured('2', 'Residential <East>', 'failing'),
      measured('3', 'Manor', 'unknown'),
    ];
    const { get } = await staffApp({
      stored: { webhooks, locations: { north: ['Detox', 'Annex', 'Lodge'] } },
      sees: ['north'],
    });
    const { body } = await get('/webhooks');
    const shown = [...body.matchAll(/<summary><bdi>([^<]*)<\/bdi> <span class="mark \w+">([^<]*)/g)];
    expect(shown.map(([, location, health]) => [location, health])).toEqual([
      ['Every location', 'Never received'],
      ['Residential &lt;East>', 'Misses updates'],
      ['Manor', 'Our receiver is down'],
      ['Detox', 'Working'],
    ]);
    expect(body).toContain('3 of 4 (75 %), over 1 sync');
    expect(body).toContain('No chart has changed yet at Annex and Lodge');
    expect((await get('/')).body).toMatch(
      /<p>Residential &lt;East>: Some changes reach us without KIPU's Chart Update webhook/,
    );
  });

  it('shows dates in the time zone of the location, and levels of care without KIPU’s prefix', async () => {
    const record = heldRecord({}, { timeZone: 'America/Los_Angeles' });
    if (record.chart === null) throw new Error('no chart');
    record.chart = {
      ...record.chart,
      ...{ admissionDate: '2026-02-03T08:00:00.000Z', dischargeDate: '2026-03-01T07:30:00.000Z' },
      levelOfCare: 'UR LOC: PHP',
    };
    const referral = { ...referralOf(record), levelOfCare: 'UR LOC: PHP', nextLevelOfCare: 'UR LOC: IOP' };
    const { get } = await staffApp({ stored: { records: [record], referrals: [referral] } });
    const [held, details, list] = await Promise.all(
      ['/held', `/records/${record._id}`, '/referrals'].map(async (url) => (await get(url)).body),
    );
    for (const body of [held, details]) expect(body).toContain('>Feb 28, 11:30 PM PST<');
    expect(details).toContain('>Feb 3<');
    for (const body of [details, list]) expect(body).toMatch(/>PHP<.*IOP</s);
    // The value of a filter is what KIPU has.
    for (const body of [held, details, list]) expect(body?.replaceAll(/ value="[^"]*"/g, '')).not.toContain('UR LOC');
  });

  it('with the bar chart describes it in text too', async () => {
    const runs = [aRun({ _id: 'a', status: 'failed' }), aRun({ _id: 'b' }), aRun({ _id: 'c', status: 'incomplete' })];
    const { get } = await staffApp({ stored: { runs } });
    expect((await get('/')).body).toContain(
      'The last 3 syncs: 1 completed, 2 failed or incomplete; 6 charts saved, 3 locked, 3 failed.',
    );
  });
});

describe('The page of a sync', () => {
  it.each([
    ['admin', true],
    ['staff', false],
    ['viewer', false],
  ] as const)('links to Temporal for %s: %s', async (role, links) => {
    const { get } = await staffApp({ stored: { runs: [aRun({ _id: 'one' })] }, role });
    expect((await get('/runs/one')).body.includes('http://127.0.0.1:8233/')).toBe(links);
  });
});

describe('The warnings of a run', () => {
  it.each(['/', '/runs/warned'])('are on %s', async (url) => {
    const warned = runWarning('roster-vanished');
    const { get } = await staffApp({ stored: { runs: [aRun({ _id: 'warned', warnings: [warned] })] } });
    expect((await get(url)).body).toContain(warned.text);
  });
});

describe('Open conditions', () => {
  it.each(['admin', 'staff'] as const)(
    'of the instances that a user may see are on the home page, for %s in their words',
    async (role) => {
      const text = 'the last 2 syncs did not finish. Compare secretKey.';
      const one = { kind: 'runs-failing' as const, detail: null, since: NOW };
      const conditions = [
        { ...one, instance: 'north', text: `north: ${text}` },
        { ...one, instance: 'elsewhere', text: `elsewhere: ${text}` },
      ];
      const { get } = await staffApp({ stored: { conditions }, role });
      const { body } = await get('/');
      const forStaff = 'The last syncs did not finish: changes in KIPU may be missing here.';
      const shown = role === 'admin' ? `north: ${text}` : `${forStaff} Your administrator was notified.`;
      expect(body).toContain(`${shown} This began`);
      expect(body.includes('secretKey')).toBe(role === 'admin');
      expect(body).not.toContain('elsewhere');
    },
  );
});

describe('Paging', () => {
  const many = Array.from({ length: 51 }, () => heldRecord());

  it.each([
    ['/held', { records: many }, many[49]?._id],
    ['/referrals', { records: many, referrals: many.map((record) => referralOf(record)) }, many[49]?._id],
    ['/runs', { runs: Array.from({ length: 51 }, (_, n) => aRun({ _id: `run-${n}` })) }, 'run-49'],
  ])('of %s links to the next page and back to the first', async (url, stored, last) => {
    const { get } = await staffApp({ stored });
    const first = (await get(url)).body;
    expect(first).toContain(`href="${url}?after=${last}"`);
    expect(first).not.toContain('First page');
    const next = (await get(`${url}?after=${last}`)).body;
    expect(next).not.toContain('Next page');
    expect(next).toMatch(new RegExp(`href="${url}"[^>]*>First page`));
  });

  it('keeps the filters', async () => {
    const { get } = await staffApp({ stored: { records: many } });
    const { body } = await get('/held?instance=north&location=Detox&reason=webhook-missing&age=day');
    expect(body).toContain(
      '/held?instance=north&amp;location=Detox&amp;reason=webhook-missing&amp;age=day&amp;after=r-',
    );
  });

  it.each(['/held?age=never&reason=&after=%00', '/referrals?sort=patient.dob&status=x', '/runs?after='])(
    'ignores the invalid filters of %s',
    async (url) => {
      const { get } = await staffApp({ stored: here.all });
      expect((await get(url)).statusCode).toBe(200);
    },
  );
});

describe('The counts of a sync', () => {
  const run = aRun({ counts: { ...aRun().counts, saved: 2, held: 2, failed: 1 } });
  const of = (outcome: 'saved' | 'held', name = run.workflowId) =>
    heldRecord({}, { lastPull: { key: 'k', outcome, run: name } });
  const records = [of('saved'), of('saved'), of('held'), of('held', 'a later sync')];

  it.each([
    ['saved', '2 records saved', 2, null],
    ['held', '2 records locked', 1, '1 is listed: 1 was read again since'],
    ['failed', '1 record failed', 0, 'None is listed: 1 was read again since'],
  ])('link to its very records, or say why some are not there: %s', async (outcome, title, listed, note) => {
    const { get } = await staffApp({ stored: { runs: [run], records } });
    const path = `/runs/${run._id}/records?outcome=${outcome}`;
    // The list is long, and links only what needs a person.
    const pages = outcome === 'saved' ? [`/runs/${run._id}`] : ['/runs', `/runs/${run._id}`];
    for (const page of pages) expect((await get(page)).body).toContain(`href="${path}"`);
    const { body } = await get(path);
    expect(body).toContain(title);
    expect(body.match(/href="\/records\/r-/g) ?? []).toHaveLength(listed);
    if (note === null) expect(body).not.toContain('read again since');
    else expect(body).toContain(note);
  });

  it('of nothing are no link', async () => {
    const { get } = await staffApp({ stored: { runs: [run] } });
    expect((await get(`/runs/${run._id}`)).body).not.toContain('outcome=notReady');
  });
});

describe('A list of several pages', () => {
  const rows = Array.from({ length: 120 }, (_, n) => n);
  const records = rows.map(() => heldRecord());
  const referrals = records.map((record) => referralOf(record));
  const runs = rows.map((n) => aRun({ _id: `0c9f7a3e-0000-4000-8000-${String(n).padStart(12, '0')}` }));
  it.each([
    ['/referrals?sort=destination', '/records/', referrals],
    ['/runs', '/runs/', runs],
    ['/attention?kind=locked', '/records/', records, 40],
  ])('%s links from each page to the one before', async (path, row, all, size = 50) => {
    const { get } = await staffApp({ stored: { referrals, runs, records } });
    const seen: (string | undefined)[] = [];
    let at = path;
    for (const text of ['Next page', 'Next page', 'Previous page', 'Previous page']) {
      const { body } = await get(at);
      seen.push(new RegExp(`"${row}([\\w-]+)"`).exec(body)?.[1]);
      at = (new RegExp(`href="([^"]+)">${text}<`).exec(body)?.[1] ?? '').replaceAll('&amp;', '&');
    }
    expect(at).toBe(path);
    expect(seen).toEqual([0, size, 2 * size, size].map((at) => all[at]?._id));
  });
});
