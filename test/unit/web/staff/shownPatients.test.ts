import { describe, expect, it } from 'vitest';
import type { Role, VisibleInstances } from '../../../../domain/role.ts';
import type { AuditDocument } from '../../../../store/accessDocuments.ts';
import type { RecordDocument } from '../../../../store/documents.ts';
import { demoForTests } from '../../../support/demoForTests.ts';
import {
  consented,
  heldRecord,
  missedChange,
  RECIPIENT,
  referralOf,
  stories,
} from '../../../support/markedDocuments.ts';
import type { StoredData } from '../../../support/memoryStore.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';
import { appForTests } from '../../../support/webApp.ts';

/** Returns marks that no other record has. */
function marksOf(n: number) {
  return {
    ...{ firstName: `Qzfirst${n}`, lastName: `Qzlast${n}`, mrNumber: `QZMR-${n}`, destination: `Qzplace${n}` },
    ...{ dob: `19${30 + n}-04-05`, casefile: `47${n}:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0f0${n}` },
  };
}

const NO_PAGE = '/no/such/page';
const people = ['held', 'linked', 'failed', 'elsewhere'] as const;
type Person = (typeof people)[number];

const { run, all } = stories();
const held = heldRecord(marksOf(1));
const lastPull = { key: 'k', outcome: 'saved' as const, run: run.workflowId };
const linked = heldRecord(marksOf(2), { status: 'synced', hold: null, lastPull });
const failure = { key: 'k', code: 'not-found', text: 'KIPU has no such chart', times: 2, at: NOW };
const failed = heldRecord(marksOf(3), { status: 'failed', hold: null, failure });
const elsewhere = heldRecord(marksOf(4), { instance: 'south' });
const records: Record<Person, RecordDocument> = { held, linked, failed, elsewhere };
const release = { recipient: RECIPIENT };
const stored: Partial<StoredData> = {
  ...all,
  records: Object.values(records),
  pageStates: {
    'rvale s-typed': { kind: 'search', typed: 'qzl' },
    'rvale s-form': { kind: 'form', fields: { ...release, state: 'recorded' } },
    // What the user may no longer see is left out.
    'rvale s-chosen': { kind: 'selection', records: [held._id, linked._id, elsewhere._id], notSent: null },
    'rvale s-sent': { kind: 'selection', records: [held._id, linked._id, elsewhere._id], notSent: 0 },
    'another s-gone': { kind: 'selection', records: [held._id], notSent: 0 },
  },
  detectedChanges: [linked, elsewhere].map(missedChange),
  referrals: [
    consented(referralOf(linked, marksOf(2))),
    // Nobody recorded a consent for this one.
    referralOf(failed, marksOf(3)),
    consented(referralOf(elsewhere, marksOf(4))),
  ],
};

/** The part of a page that counts destinations, without saying whose they are. */
const TRENDS = /<section[^>]*aria-labelledby="trends".*?<\/section>/s;

/** Returns whose marks a text has. A destination among the trends is of nobody. */
function drawnIn(text: string): Person[] {
  const [trends = ''] = TRENDS.exec(text) ?? [];
  return people.filter((_, index) => {
    const { casefile, destination, ...marks } = marksOf(index + 1);
    const named = [...Object.values(marks), marks.dob.slice(0, 4), casefile];
    return (
      [...named, destination].some((mark) => text.replace(TRENDS, '').includes(mark)) ||
      named.some((mark) => trends.includes(mark))
    );
  });
}

interface Call {
  path: string;
  form?: Record<string, string | string[]>;
  status?: number;
  draws: Person[];
  fragment?: boolean;
  temporalDown?: boolean;
  /** The only role that may make the call. */
  only?: Role;
  sees?: VisibleInstances;
  /** Only administrators get this status; others are refused. */
  adminOnly?: boolean;
}

const adminOnly = true;
const emergency = { basis: 'medical-emergency', why: 'checked' };

/** At least one call for every route of the pages. A new route needs a row here, or one in `withoutPatients`. */
const calls: Record<string, Call[]> = {
  'GET /': [{ path: '/', draws: [] }],
  'GET /attention': [
    { path: '/attention', draws: ['held', 'failed'] },
    { path: '/attention?kind=unreadable&instance=north', draws: ['failed'] },
    { path: '/attention?kind=connection', draws: [] },
    { path: '/attention?instance=south', status: 404, draws: [] },
  ],
  'GET /day': [
    { path: '/day?on=2026-02-27', draws: [] },
    { path: '/day?on=2026-02-27&list=all', draws: ['held', 'linked', 'failed'] },
    { path: '/day?on=2026-02-27&list=locked&location=Detox', draws: ['held'] },
    { path: '/day?on=2026-02-27&list=locked&location=Manor', draws: [] },
    { path: '/day?on=2026-02-28&list=all', draws: [] },
    { path: '/day?instance=south', status: 404, draws: [] },
  ],
  'GET /held': [
    { path: '/held?clear=1', status: 303, draws: [] },
    { path: '/held', draws: ['held'] },
    { path: '/held?all=1', draws: ['held'] },
  ],
  'GET /help': [{ path: '/help', draws: [] }],
  'GET /help/:guide': [
    { path: '/help/connect-kipu', adminOnly, draws: [] },
    { path: '/help/none', status: 404, adminOnly, draws: [] },
  ],
  'GET /demo': [{ path: '/demo', adminOnly, draws: [] }],
  'POST /demo/:action': [
    { path: '/demo/discharge', form: { instance: 'north' }, status: 303, adminOnly, draws: [] },
    { path: '/demo/discharge', form: { instance: 'south' }, status: 404, adminOnly, draws: [] },
  ],
  'GET /frame': [{ path: '/frame', draws: [] }],
  'POST /search': [
    { path: '/search', form: { typed: 'qzl' }, status: 303, draws: [] },
    { path: '/search', form: { typed: ' ' }, status: 303, draws: [] },
  ],
  'GET /search': [
    { path: '/search', draws: [] },
    { path: '/search?s=s-gone', draws: [] },
    { path: '/search?s=s-typed', draws: ['held', 'linked', 'failed'] },
    { path: '/search?s=s-typed&locked=1', draws: ['held'] },
  ],
  'POST /held/unlock': [
    { path: '/held/unlock', form: { recordId: [held._id, linked._id] }, status: 303, draws: [] },
    { path: '/held/unlock', form: { recordId: elsewhere._id }, status: 404, draws: [] },
  ],
  'GET /held/unlock/:selection': [
    { path: '/held/unlock/s-chosen', draws: ['held'] },
    { path: '/held/unlock/s-chosen?problem=missing', draws: ['held'] },
    { path: '/held/unlock/s-gone', status: 303, draws: [] },
  ],
  'POST /held/unlock/:selection': [
    { path: '/held/unlock/s-chosen', form: { why: 'checked' }, status: 303, draws: [] },
    { path: '/held/unlock/s-chosen', form: { why: ' ' }, status: 303, draws: [] },
  ],
  'POST /held/unlock/:selection/reason': [
    { path: '/held/unlock/s-chosen/reason', form: { why: 'chec' }, status: 204, draws: [] },
  ],
  'GET /unlocks/:selection': [
    { path: '/unlocks/s-sent', draws: ['held', 'linked'] },
    { path: '/unlocks/s-gone', status: 303, draws: [] },
  ],
  'GET /unlocks/:selection/now': [{ path: '/unlocks/s-sent/now', fragment: true, draws: ['held', 'linked'] }],
  ...Object.fromEntries(
    ['/held/unlock', '/held/unlocked', '/held/outcome', '/held/search', '/referrals.csv'].map((path) => [
      `GET ${path}`,
      [{ path, status: 303, draws: [] }],
    ]),
  ),
  'GET /records/:recordId': [
    ...(['held', 'linked', 'failed'] as const).map((one) => ({ path: `/records/${records[one]._id}`, draws: [one] })),
    { path: `/records/${elsewhere._id}`, status: 404, draws: [] },
  ],
  'GET /records/:recordId/now': [
    { path: `/records/${linked._id}/now`, fragment: true, draws: ['linked'] },
    { path: `/records/${linked._id}/now`, draws: ['linked'] },
  ],
  'GET /records/:recordId/unlock': [
    { path: `/records/${held._id}/unlock`, draws: ['held'] },
    { path: `/records/${linked._id}/unlock`, status: 303, draws: [] },
  ],
  'POST /records/:recordId/unlock': [
    { path: `/records/${held._id}/unlock`, form: { why: 'checked' }, status: 303, draws: [] },
    { path: `/records/${held._id}/unlock`, form: { why: ' ' }, status: 303, draws: [] },
    { path: `/records/${held._id}/unlock`, form: { why: 'checked' }, status: 303, draws: [], temporalDown: true },
  ],
  'POST /records/:recordId/unlock/reason': [
    { path: `/records/${held._id}/unlock/reason`, form: { why: 'chec' }, status: 204, draws: [] },
    { path: `/records/${elsewhere._id}/unlock/reason`, form: { why: 'chec' }, status: 404, draws: [] },
  ],
  'GET /referrals': [{ path: '/referrals', draws: ['linked', 'failed'] }],
  'GET /referrals/export': [
    { path: '/referrals/export', draws: [] },
    { path: '/referrals/export?form=s-form', draws: [] },
    { path: `/referrals/export?recordId=${elsewhere._id}`, status: 404, draws: [] },
  ],
  'POST /referrals/export': [
    { path: '/referrals/export', form: release, status: 303, draws: [] },
    { path: '/referrals/export', form: {}, status: 303, draws: [] },
    { path: '/referrals/export', form: { ...release, recordId: elsewhere._id }, status: 404, draws: [] },
  ],
  'POST /referrals.csv': [
    { path: '/referrals.csv', form: release, draws: ['linked'] },
    { path: '/referrals.csv', form: { ...release, recordId: failed._id }, draws: [] },
    { path: '/referrals.csv', form: { ...release, recordId: failed._id, ...emergency }, draws: ['failed'] },
    { path: '/referrals.csv', form: { ...release, ...emergency }, status: 303, draws: [] },
    { path: '/referrals.csv', form: { ...release, instance: 'south' }, status: 404, draws: [] },
  ],
  'GET /records/:recordId/consent': [
    { path: `/records/${linked._id}/consent`, draws: ['linked'] },
    { path: `/records/${linked._id}/consent?form=s-form`, draws: ['linked'] },
    { path: `/records/${linked._id}/consent?changed=1`, draws: ['linked'] },
    { path: `/records/${held._id}/consent`, status: 404, draws: [] },
    { path: `/records/${elsewhere._id}/consent`, status: 404, draws: [] },
  ],
  'POST /records/:recordId/consent': [
    { path: `/records/${linked._id}/consent`, form: { state: 'revoked', version: '1' }, status: 303, draws: [] },
    { path: `/records/${linked._id}/consent`, form: { state: 'revoked', version: '0' }, status: 303, draws: [] },
    { path: `/records/${linked._id}/consent`, form: { state: 'recorded', version: '1' }, status: 303, draws: [] },
    { path: `/records/${elsewhere._id}/consent`, form: { state: 'revoked', version: '1' }, status: 404, draws: [] },
  ],
  'GET /runs': [{ path: '/runs', draws: [] }],
  'GET /runs/now': [{ path: '/runs/now', fragment: true, draws: [] }],
  'POST /runs': [
    { path: '/runs', form: { instance: 'north' }, status: 303, draws: [] },
    { path: '/runs', form: { instance: 'north' }, status: 303, draws: [], temporalDown: true },
  ],
  'GET /runs/:runId': [{ path: `/runs/${run._id}`, draws: ['failed'] }],
  'GET /runs/:runId/records': [
    { path: `/runs/${run._id}/records?outcome=saved`, draws: ['linked'] },
    { path: `/runs/${run._id}/records?outcome=held`, draws: [] },
  ],
  'GET /runs/:runId/now': [{ path: `/runs/${run._id}/now`, fragment: true, draws: ['failed'] }],
  'GET /webhooks': [{ path: '/webhooks', draws: [] }],
  'POST /webhooks': [{ path: '/webhooks', form: { instance: 'north' }, draws: [] }],
  'GET /webhooks/evidence': [
    { path: '/webhooks/evidence?instance=north', draws: ['linked'] },
    { path: '/webhooks/evidence?instance=south', status: 404, draws: [] },
  ],
  'GET /webhooks/evidence.csv': [
    { path: '/webhooks/evidence.csv?instance=north', draws: ['linked'] },
    { path: '/webhooks/evidence.csv?instance=south', status: 404, draws: [] },
  ],
  'GET /connections': [{ path: '/connections', draws: [], only: 'admin' }],
  'GET /connections/add': [{ path: '/connections/add', draws: [], only: 'admin', sees: '*' }],
  'POST /connections/test': [{ path: '/connections/test', form: {}, draws: [], only: 'admin', sees: '*', status: 422 }],
  'POST /connections/add': [
    { path: '/connections/add', form: { draft: '' }, draws: [], only: 'admin', sees: '*', status: 422 },
  ],
  'POST /connections/:instance/contacts': [
    { path: '/connections/north/contacts', form: { location: 'Detox', who: 'x' }, status: 303, adminOnly, draws: [] },
  ],
  'GET /connections/:instance': [
    { path: '/connections/north', draws: [], only: 'admin' },
    { path: '/connections/south', draws: [], only: 'admin', status: 404 },
  ],
  'GET /connections/:instance/now': [{ path: '/connections/north/now', draws: [], only: 'admin' }],
  'GET /connections/:instance/edit': [{ path: '/connections/south/edit', draws: [], only: 'admin', status: 404 }],
  'POST /connections/:instance/edit': [
    { path: '/connections/south/edit', form: {}, draws: [], only: 'admin', status: 404 },
  ],
  ...Object.fromEntries(
    ['pause', 'resume', 'rotate', 'finish', 'retire'].map((action): [string, Call[]] => [
      `POST /connections/:instance/${action}`,
      [{ path: `/connections/north/${action}`, form: {}, draws: [], only: 'admin', status: 422 }],
    ]),
  ),
  'GET /people': [{ path: '/people', adminOnly, draws: [] }],
  'POST /people': [{ path: '/people', form: { name: 'dana' }, status: 303, adminOnly, draws: [] }],
  'GET /people/:accountId': [{ path: '/people/none', status: 404, adminOnly, draws: [] }],
  'POST /people/:accountId': [{ path: '/people/none', form: {}, status: 404, adminOnly, draws: [] }],
  'POST /people/:accountId/do': [
    { path: '/people/none/do', form: { action: 'disable' }, status: 404, adminOnly, draws: [] },
  ],
  'GET /audit': [{ path: `/audit?record=${held._id}`, adminOnly, draws: [] }],
  'POST /audit': [{ path: '/audit', form: { from: 'then' }, status: 422, adminOnly, draws: [] }],
  'POST /audit/check': [{ path: '/audit/check', form: {}, status: 303, adminOnly, draws: [] }],
  'POST /audit.csv': [{ path: '/audit.csv', form: { record: held._id }, adminOnly, draws: [] }],
  'GET /notifications': [{ path: '/notifications', adminOnly, draws: [] }],
  'POST /notifications': [{ path: '/notifications', form: { name: 'desk' }, status: 422, adminOnly, draws: [] }],
  'POST /notifications/test': [{ path: '/notifications/test', form: {}, status: 404, adminOnly, draws: [] }],
  'POST /notifications/remove': [{ path: '/notifications/remove', form: {}, status: 404, adminOnly, draws: [] }],
  'GET /settings': [{ path: '/settings', adminOnly, draws: [] }],
  'GET /*': [{ path: NO_PAGE, status: 404, draws: [] }],
};

/** Routes that nobody has to sign in for. They have no patients. */
const withoutPatients = [
  ...['GET /sign-in', 'POST /sign-in', 'POST /sign-out', 'GET /sign-in/code', 'POST /sign-in/code'],
  ...['GET /choose-password/:token', 'POST /choose-password'],
  // The pages of one's own account.
  ...['GET /account', 'POST /account/password', 'POST /account/sessions/end', 'POST /account/sign-out-everywhere'],
  ...['POST /account/sign-out-others', 'POST /account/notifications', 'POST /account/zone'],
  ...['POST /account/second-factor', 'POST /account/second-factor/confirm'],
  ...['GET /session', 'POST /session'],
  ...['GET /health/live', 'GET /health/ready', 'GET /health/freshness'],
];
const isWithoutPatients = (route: string) =>
  withoutPatients.includes(route) ||
  /^GET \/assets\//.test(route) ||
  /^[A-Z]+ \/webhooks\/:instance\/(patient-creation|chart-update)(\/:secret)?$/.test(route);

const start = (role: Role, temporalDown = false, sees: VisibleInstances = ['north']) =>
  staffApp({
    ...{ role, stored, temporalDown, sees },
    context: { testWebhook: async () => undefined, demo: demoForTests().demo },
  });

const cases = (['staff', 'admin'] as const).flatMap((role) =>
  Object.entries(calls).flatMap(([route, ofRoute]) =>
    ofRoute.filter(({ only = role }) => only === role).map((call, n) => ({ role, route, n: n + 1, call })),
  ),
);

describe('A response', () => {
  it('of every route is tested here', async () => {
    const { app } = appForTests();
    const others: string[] = [];
    app.addHook('onRoute', ({ method, url }) => void others.push(...[method].flat().map((one) => `${one} ${url}`)));
    await app.ready();
    const { routes } = await start('staff');
    // A HEAD request runs the handler of its GET route.
    const found = [...routes, ...others].filter((route) => !route.startsWith('HEAD ') && !isWithoutPatients(route));
    expect([...new Set(found)].sort()).toEqual(Object.keys(calls).sort());
  });

  it.each(cases)(
    'of $route to $role has in the audit exactly the patients it shows: call $n',
    async ({ role, call }) => {
      const { path, form, draws, fragment = false, temporalDown = false } = call;
      const isRefused = call.adminOnly === true && role !== 'admin';
      const { status = 200 } = isRefused ? { status: 403 } : call;
      const { get, post, data } = await start(role, temporalDown, call.sees);
      const headers: Record<string, string> = fragment ? { 'hx-request': 'true' } : {};
      const answer = form === undefined ? await get(path, headers) : await post(path, form, headers);
      expect(answer.statusCode).toBe(status);
      expect(drawnIn(answer.body)).toEqual(draws);
      const shown = data.audit.filter(({ what }) => what === 'patients-shown');
      expect(shown.flatMap(({ records: ids = [] }) => ids).sort()).toEqual(draws.map((one) => records[one]._id).sort());
      for (const event of shown)
        expect(event).toMatchObject({ who: 'rvale', from: '127.0.0.1', session: expect.stringMatching(/^[\w-]{12}$/) });
      const refused = data.audit.filter(({ what }) => what === 'access-refused');
      const names = [path, ...Object.keys(form ?? {})].some((one) => /record|run|instance|connections/.test(one));
      const audited = { 403: /^refused: wrong-role \(\w+\)$/, 404: /^refused: no-such-page \((record|instance)\)$/ };
      const wanted = status === 403 || (status === 404 && names) ? [expect.stringMatching(audited[status])] : [];
      expect(refused.map(({ outcome }) => outcome)).toEqual(wanted);
      // Random ids and hashes may contain any letters.
      const typed = data.audit.map(({ _id, record, records, session, ...event }) => event);
      expect(JSON.stringify(typed).replaceAll(/r-[a-z0-9]{16}/g, 'a record')).not.toMatch(/qz|no\/such/i);
    },
  );

  it.each(cases.filter(({ call, role }) => call.draws.length > 0 && role === 'staff'))(
    'of $route is refused when the audit cannot be written: call $n',
    async ({ call: { path, form, fragment, temporalDown } }) => {
      const { get, post, data } = await start('staff', temporalDown);
      data.audit.push = () => {
        throw new Error('the audit is down');
      };
      const headers: Record<string, string> = fragment === true ? { 'hx-request': 'true' } : {};
      const answer = form === undefined ? await get(path, headers) : await post(path, form, headers);
      expect(answer.statusCode).toBeGreaterThanOrEqual(500);
      expect(drawnIn(answer.body)).toEqual([]);
    },
  );

  it('with the status 204, which shows nobody, adds no event', async () => {
    const { get, data } = await start('staff');
    const page = (await get(`/records/${held._id}`)).body;
    const [, seen = ''] = /\/now\?seen=([\w-]+)"/.exec(page) ?? [];
    const before = data.audit.length;
    expect((await get(`/records/${held._id}/now?seen=${seen}`)).statusCode).toBe(204);
    expect(data.audit).toHaveLength(before);
  });

  it('of a list is one event for each request; a polled part, or a list that reads itself again, is one each minute', async () => {
    const { get, data } = await start('staff');
    for (let n = 0; n < 3; n += 1) await get('/held');
    for (let n = 0; n < 3; n += 1) await get(`/runs/${run._id}/now`);
    expect(data.audit.map(({ kind }) => kind)).toEqual([...Array(3).fill('holds-listed'), 'run-viewed']);
    for (let n = 0; n < 3; n += 1) await get('/referrals', { 'x-refresh': '1' });
    expect(data.audit.slice(4).map(({ kind }) => kind)).toEqual(['referrals-listed']);
  });

  it('that refuses a person is one event each minute, which names nothing', async () => {
    const { get, post, data } = await start('viewer');
    for (let n = 0; n < 3; n += 1) await get(`/records/${elsewhere._id}`);
    await get('/runs/none');
    await post('/referrals.csv');
    const events: Partial<AuditDocument>[] = data.audit;
    expect(events.map(({ what, outcome, record }) => [what, outcome, record])).toEqual([
      ['access-refused', 'refused: no-such-page (record)', null],
      ['access-refused', 'refused: no-such-page (run)', null],
      ['access-refused', 'refused: wrong-role (page)', null],
    ]);
  });
});
