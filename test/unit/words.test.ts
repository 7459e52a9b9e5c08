import { describe, expect, it } from 'vitest';
import {
  conditionKinds,
  notInSettings,
  overText,
  recordsFailing,
  runsFailing,
  scheduleConditions,
} from '../../domain/conditions.ts';
import { type FaultCode, faultAdvice, faults, runFaultAdvice } from '../../domain/fault.ts';
import { holdReasons, holdReasonText } from '../../domain/lock.ts';
import { runWarning, runWarningCodes } from '../../domain/run.ts';
import { healthAdvice, receiverAwayText } from '../../domain/webhookHealth.ts';
import { accountPage } from '../../web/auth/accountPage.tsx';
import { refusalPage, signInPage } from '../../web/auth/pages.tsx';
import { codePage, setUpPage } from '../../web/auth/secondFactorPages.tsx';
import * as labels from '../../web/ui/labels.ts';
import { adminData, adminPaths } from '../support/adminPages.ts';
import {
  bannedEverywhere,
  bannedForAdministrators,
  bannedForStaff,
  bannedIn,
  readableText,
} from '../support/bannedWords.ts';
import { consented, heldRecord, pagesOf, referralOf, stories } from '../support/markedDocuments.ts';
import { aRun } from '../support/memoryStore.ts';
import { aReferral, at } from '../support/recordFixtures.ts';
import { NOW, staffApp } from '../support/staffApp.ts';

const forStaff = [...bannedEverywhere, ...bannedForStaff];
/** Settings have the names of the code; the other pages for administrators have the words of the glossary. */
const forAdministrators = [...bannedEverywhere, ...bannedForAdministrators];

describe('The list of banned words', () => {
  it.each([
    ['See what is held', true],
    ['12 charts seen · 0 of them due', true],
    ['The last run failed.', true],
    ['Unlock selected', false],
    ['Run kipu-referrals doctor.', false],
  ])('finds them: %s', (text, found) => {
    expect(bannedIn(text, forStaff) !== null).toBe(found);
  });

  it('is applied to texts, labels and titles of a page, not to its addresses', () => {
    const page = '<head><title>Held</title></head><a href="/held?instance=due" title="fresh">one</a><style>run</style>';
    expect(readableText(page).split(/\s+/).filter(Boolean)).toEqual(['Held', 'one', 'fresh']);
  });
});

const here = stories();
const stored = {
  ...here.all,
  ...adminData(),
  records: [
    ...here.all.records,
    heldRecord({}, { status: 'notReady', hold: null }),
    heldRecord({}, { status: 'unlocked', hold: null, unlocked: { by: 'rvale', why: null, at, key: 'k' } }),
  ],
  referrals: [
    ...here.all.referrals.map((one) => consented(one)),
    { ...referralOf(here.held), stale: { since: at, reason: 'webhook-missing' as const } },
  ],
  runs: [
    ...here.all.runs,
    aRun({ _id: 'failed', status: 'failed', fault: { code: 'unexpected', text: 'KIPU did not answer.' } }),
    aRun({ _id: 'running', status: 'running', endedAt: null }),
    aRun({ _id: 'warned', warnings: runWarningCodes.map(runWarning) }),
  ],
  conditions: conditionKinds.map((kind) => ({
    kind,
    detail: null,
    instance: 'north',
    text: 'for administrators',
    since: NOW,
  })),
};
const paths = [
  ...pagesOf(here),
  ...stored.records.slice(3).map(({ _id }) => `/records/${_id}`),
  ...['/runs/failed', '/runs/running', '/runs/warned'],
  ...['/held?reason=policy-always', '/referrals?status=void', '/records/unknown'],
];
// Invented names that happen to be words of the list would fail here too.
const instances = [{ name: 'north', baseUrl: 'https://api.kipuapi.com' }, { name: 'south' }];

describe('Pages', () => {
  it.each(adminPaths)('for administrators use no banned word: %s', async (path) => {
    const { get } = await staffApp({ role: 'admin', stored, context: { instances } });
    const { body, statusCode } = await get(path);
    expect(statusCode).toBe(200);
    expect(bannedIn(readableText(body), path === '/settings' ? bannedEverywhere : forAdministrators)).toBeNull();
  });

  it.each((['viewer', 'staff', 'admin'] as const).flatMap((role) => paths.map((path, n) => ({ role, path, n }))))(
    'use no banned word: $n for $role',
    async ({ role, path }) => {
      const { get } = await staffApp({ role, stored, context: { instances, webUrl: () => 'http://127.0.0.1:8080' } });
      const text = readableText((await get(path)).body);
      expect(bannedIn(text, role === 'admin' ? bannedEverywhere : forStaff)).toBeNull();
      // Commands are for administrators.
      if (role !== 'admin') expect(text).not.toMatch(/kipu-referrals [a-z]/);
    },
  );

  it.each([
    ['/held/unlock', { recordId: here.held._id }],
    ['/held/unlock', {}],
    [`/records/${here.held._id}/unlock`, { why: '' }],
    [`/records/${here.linked._id}/consent`, { state: 'recorded', version: '0' }],
    ['/referrals/export', { recipient: 'Silver Fern' }],
    ['/referrals/export', {}],
    ['/referrals/export', { basis: 'court-order', recipient: 'Silver Fern' }],
    ['/runs', { instance: 'north' }],
    ['/webhooks', { instance: 'north' }],
  ])('use no banned word in the answer to a form: %s %j', async (path, form) => {
    const { get, post } = await staffApp({
      stored,
      temporalDown: path === '/runs',
      context: { testWebhook: async () => undefined },
    });
    const { body, headers } = await post(path, form);
    const shown = headers.location === undefined ? body : (await get(headers.location)).body;
    expect(shown).toContain('</html>');
    expect(bannedIn(readableText(shown), forStaff)).toBeNull();
  });

  const reasons = [
    ...[
      'sign-in-needed',
      'wrong-role',
      'wrong-password',
      'new-password-needed',
      'second-factor-needed',
      'expired-form',
    ],
    ...[
      'https-only',
      'no-role',
      'no-instance',
      'account-disabled',
      'provider-refused',
      'sign-in-expired',
      'provider-failed',
    ],
  ];
  const page = { csrf: '', next: '/' };
  const somebody = { user: 'a', name: 'A', role: 'staff', instances: '*' } as never;
  it.each([
    ...reasons.map((why) => [why, refusalPage({ status: 403, why, who: null })]),
    ...[400, 404, 429, 500, 503].map((status) => [String(status), refusalPage({ status, why: '', who: null })]),
    [
      'account',
      accountPage({
        ...{ who: somebody, csrf: '', sessions: [], current: '', password: 'own', zone: 'UTC', now: NOW },
        ...{ banners: [], counts: {} },
        ...{ secondFactor: { on: true, codesLeft: 1, required: true }, done: undefined },
        ownZone: { chosen: '' },
        notifications: { target: '', subscriptions: [], hour: 8, problem: 'Enter one e-mail address.' },
      }),
    ],
    ['sign-in', signInPage({ ...page, over: true, openId: true })],
    ['code', codePage(page)],
    [
      'set-up',
      setUpPage({
        ...page,
        who: somebody,
        ...{ secret: 'a', address: '', banners: [], counts: {} },
      }),
    ],
  ])('of the sign-in use no banned word: %s', (_, html = '') => {
    expect(bannedIn(readableText(html), forStaff)).toBeNull();
  });

  it('for adding a connection use no banned word', async () => {
    const { get, post } = await staffApp({ role: 'admin', stored });
    const credentials = { baseUrl: 'https://kipu.example', accessId: 'a', secretKey: 'k', appId: 'p' };
    const tested = (await post('/connections/test', { name: 'blue-mesa', ...credentials })).body;
    const [, draft = ''] = /name="draft" value="([^"]+)"/.exec(tested) ?? [];
    const secrets = (await post('/connections/add', { name: 'blue-mesa', draft })).body;
    expect(secrets).toContain('blue-mesa is added');
    for (const page of [tested, secrets, (await get('/connections/blue-mesa/edit')).body])
      expect(bannedIn(readableText(page), bannedEverywhere)).toBeNull();
  });

  it('use no banned word in a label', () => {
    const texts = JSON.stringify(
      Object.entries(labels).flatMap(([, value]) => (typeof value === 'object' ? [Object.values(value)] : [])),
    );
    expect(texts).toContain('EMR updates locked');
    expect(bannedIn(texts, forStaff)).toBeNull();
  });
});

describe('Texts that staff see on pages and in notices', () => {
  it.each([
    ...holdReasons.map((reason) => [reason, holdReasonText[reason]]),
    ...Object.entries(healthAdvice).flatMap(([health, texts]) =>
      Object.entries(texts).map(([webhook, text]) => [`${webhook} ${health}`, text]),
    ),
    ...runWarningCodes.map((code) => [code, runWarning(code).text]),
    ['receiver', receiverAwayText],
  ])('use no banned word: %s', (_, text = '') => {
    expect(bannedIn(text, forStaff)).toBeNull();
  });
});

describe('Notices for administrators', () => {
  const run = { status: 'failed' as const, fault: { code: 'unexpected', text: 'KIPU did not answer' } };
  const schedule = {
    ...{
      instance: 'north',
      createdAt: at,
      missingSince: at,
      watchedSince: at,
      lastEndedAt: at,
      runningSince: null,
      pausedAt: at,
    },
    ...{ withinMs: 1, zone: 'UTC', now: new Date(at.getTime() + 200_000_000) },
  };
  const conditions = [
    ...runsFailing([run, run], false),
    ...recordsFailing([{ record: 'r', code: 'timeout' }], true),
    ...(['active', 'paused', 'none', 'unknown'] as const).flatMap((state) =>
      scheduleConditions({ ...schedule, schedule: state }, []),
    ),
    ...[true, false].map((paused) => notInSettings('north', paused)),
  ];
  it.each([
    ...conditions.map(({ kind, text }) => [kind, text]),
    ...conditionKinds.map((kind) => [`${kind} over`, overText({ kind, detail: 'timeout' })]),
    ...Object.keys(faults).flatMap((code) => [
      [code, faultAdvice(code as FaultCode)],
      [code, runFaultAdvice(code as FaultCode)],
    ]),
  ])('use no banned word: %s', (_, text = '') => {
    expect(text).not.toBe('');
    expect(bannedIn(text, bannedEverywhere)).toBeNull();
  });
});

it('A referral that was created says so', () => {
  expect(labels.changeLabels[aReferral({ change: 'made' }).change]).toBe('Created');
});
