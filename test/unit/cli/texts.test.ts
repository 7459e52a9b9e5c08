import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schedulesText } from '../../../cli/commands/schedule.ts';
import { newsLines } from '../../../cli/commands/serve.ts';
import { provisionText } from '../../../cli/commands/setup.ts';
import { statusText } from '../../../cli/commands/status.ts';
import { webhooksText } from '../../../cli/commands/webhooks.ts';
import { welcome } from '../../../cli/commands/welcome.ts';
import { instanceStatus } from '../../../client/instanceStatus.ts';
import { NO_SECRET } from '../../../client/webhookView.ts';
import { readSettings } from '../../../config/settings.ts';
import { startStandIn } from '../../../dev/stand-in/index.ts';
import { runWarning } from '../../../domain/run.ts';
import { aFreshness, aRun, aWebhook, startedAt } from '../../support/runFixtures.ts';

const schedule = {
  ...{ instance: 'north', schedule: 'sync/north', paused: true, note: 'KIPU moves', everyMinutes: 60 },
  ...{
    createdAt: startedAt,
    nextRunAt: startedAt,
    lastRunAt: null,
    runningNow: 0,
    skippedOverlap: 1,
    missedCatchUp: 0,
  },
};

describe('The text of a command', () => {
  it('setup says what it set up', () => {
    expect(
      provisionText({
        searchAttributes: ['Hold'],
        schedules: [
          { instance: 'a', schedule: 'created' },
          { instance: 'b', schedule: 'updated' },
          { instance: 'c', schedule: 'created' },
        ],
        removed: ['d'],
        connections: { applied: ['e'], encryptedAgain: ['e'] },
      }),
    ).toBe(
      [
        'MongoDB: collections, validators, indexes and documents are up to date.',
        'Search attributes registered: Hold.',
        'Schedules created: a, c.',
        'Schedules updated: b.',
        'KIPU connections: the schedules of e are up to date.',
        'Encrypted again with the first key of CONNECTIONS_KEY_FILE: e.',
        'Schedules paused, because the settings no longer have the instance: d.',
      ].join('\n'),
    );
  });

  it('status shows the state of each instance and what is wrong', () => {
    const now = new Date(startedAt.getTime() + 90_000);
    const lastRun = aRun({ status: 'failed', fault: { code: 'forbidden', text: 'not allowed' }, owed: 3 });
    const silent = { 'chart-update': aWebhook({ health: 'missing', at: ['Annex', 'Manor'], lastDeliveryAt: null }) };
    const freshness = aFreshness({
      ...{ fresh: false, warnings: ['never-completed'], lastCompletedAt: null, ageMinutes: null },
      webhooks: { ...aFreshness().webhooks, ...silent },
    });
    const runWarnings = [runWarning('vault-refused')];
    const text = 'north: the schedule was paused by hand.';
    const conditions = [{ kind: 'paused' as const, detail: null, text, since: startedAt }];
    const tally = { held: 2, notReady: 1 };
    const facts = { schedule, lastRun, freshness, runWarnings, conditions, tally, oldestHold: startedAt };
    const zoneOf = () => ({ zone: 'America/Los_Angeles', named: false });
    const all = [instanceStatus('north', facts)];
    expect(statusText(all, now, zoneOf).text.split('\n')).toEqual([
      'instance  fresh  schedule  next run  last run          seen until  last webhook  not ready  held  oldest hold',
      'north     NO     paused    -         failed 1 min ago  -           1 min ago             1     2  1 min ago',
      'north: not allowed',
      'north: 3 charts still to be read; the next runs try again',
      'north: not fresh: no run was ever completed: see the last run, or kipu-referrals doctor',
      'north: the schedule was paused by hand. (since 2026-03-01 10:00Z)',
      expect.stringMatching(/^north: warning: KIPU does not let us list deleted charts/),
      "north, Annex and Manor: KIPU isn't sending us chart updates yet, so discharged patients stay locked. Set up the Chart Update webhook in KIPU.",
    ]);
  });

  it('webhooks shows the health at each location, what was missed, and the addresses', () => {
    const now = new Date(startedAt.getTime() + 90_000);
    const view = {
      ...{ instance: 'north', advice: 'works', examples: [], hasSecret: true, lastDeliveryAt: startedAt },
      ...{ locationId: '1', location: 'Detox', runs: 1 },
    };
    const creation = {
      ...view,
      webhook: 'patient-creation' as const,
      health: 'healthy' as const,
      path: '/webhooks/north/patient-creation',
    };
    const update = {
      ...view,
      webhook: 'chart-update' as const,
      health: 'failing' as const,
      path: '/webhooks/north/chart-update',
    };
    const examples = [{ record: 'r-bcdf2345ghjk6789', since: startedAt, detectedAt: now }];
    const lines = webhooksText(
      [
        {
          views: [
            { ...creation, announcedShare: null, announced: 0, missed: 0, locationId: null, location: null },
            { ...update, announcedShare: 2 / 3, announced: 2, missed: 1, advice: 'Switch it on.', examples },
            { ...update, announcedShare: 1, announced: 3, missed: 0, health: 'healthy', location: 'Residential' },
          ],
          quiet: ['Annex', 'Manor'],
        },
      ],
      'https://referrals.example',
      now,
    ).split('\n');
    expect(lines).toEqual([
      'instance  webhook           location     health   last delivery  announced',
      'north     Patient Creation  -            healthy  1 min ago      -',
      'north     Chart Update      Detox        failing  1 min ago      2 of 3 (66 %)',
      'north     Chart Update      Residential  healthy  1 min ago      3 of 3 (100 %)',
      '',
      'north, Detox: Switch it on.',
      '  not announced: r-bcdf2345ghjk6789, changed between 2026-03-01 10:00Z and 2026-03-01 10:01Z',
      'north: no chart changed yet at Annex and Manor: Chart Update counts as missing there.',
      '',
      'Addresses to enter in KIPU (or without the secret, if it is sent as x-webhook-secret):',
      '  https://referrals.example/webhooks/north/patient-creation/<secret>',
      '  https://referrals.example/webhooks/north/chart-update/<secret>',
    ]);
  });

  it('webhooks says once for each instance that it has no secret', () => {
    const view = {
      ...{ instance: 'north', advice: NO_SECRET, examples: [], hasSecret: false, lastDeliveryAt: null, runs: 1 },
      ...{ locationId: '1', health: 'missing' as const, path: '/w', announcedShare: null, announced: 0, missed: 0 },
    };
    const views = (['Detox', 'Manor'] as const).flatMap((location) => [
      { ...view, location, webhook: 'patient-creation' as const },
      { ...view, location, webhook: 'chart-update' as const },
    ]);
    const lines = webhooksText([{ views, quiet: [] }], 'https://r.test', startedAt).split('\n');
    expect(lines.filter((line) => line.includes('no secret'))).toEqual([
      'north: no secret for Patient Creation and Chart Update, so all deliveries are refused. Set one in the settings.',
    ]);
    expect(lines.filter((line) => line.includes(NO_SECRET))).toEqual([]);
  });

  it('schedule describe shows schedules, also a missing one', () => {
    const schedules = [
      { instance: 'north', schedule },
      { instance: 'south', schedule: null },
    ];
    const lines = schedulesText(schedules, startedAt, () => ({ zone: 'America/Los_Angeles', named: true })).text.split(
      '\n',
    );
    expect(lines).toEqual([
      'instance  state   every   next run            last run  running  skipped  missed  note',
      'north     paused  60 min  Mar 1, 2:00 AM PST  -               0        1       0  KIPU moves',
      'south     none    -       -                   -               -        -       -  -',
    ]);
  });

  it.each<[string, Record<string, string>, Parameters<typeof welcome>[1], string[]]>([
    ['at the first start', {}, { password: 'p4ss' }, ['http://127.0.0.1:8080', 'admin, password p4ss (shown only now']],
    ['without a terminal', {}, { passwordFile: '/d/f' }, ['the password in /d/f (delete the file afterwards)']],
    [
      'later',
      {},
      { hasAdmin: true },
      ['the password of the first start', 'New password  npx kipu-referrals user password admin'],
    ],
    ['without an admin', {}, { hasAdmin: false }, ['kipu-referrals user list']],
    [
      'behind a proxy',
      { WEB_URL: 'https://r.test', WEB_TRUSTED_PROXIES: '192.0.2.1' },
      { hasAdmin: true },
      ['Staff page    https://r.test'],
    ],
    [
      'by plain http from other machines',
      { WEB_ADDRESS: '0.0.0.0:80' },
      { hasAdmin: true },
      ['Staff page    not served: WEB_ADDRESS'],
    ],
  ])('start says how to reach the staff page, %s', (_, env, signIn, parts) => {
    const local = { address: '127.0.0.1:7233', namespace: 'n', connection: { address: '127.0.0.1:7233' } };
    const rest = { mongoUri: '', temporal: local, uiUrl: null, temporalProgram: null, instances: [], standIn: null };
    const text = welcome({ ...rest, settings: readSettings(env), webUrl: 'http://127.0.0.1:8080' }, signIn);
    for (const part of parts) expect(text).toContain(part);
  });

  it.each<[string, { port: number; ui: number; web: number }, Record<string, string>, RegExp | null]>([
    ['the usual ports', { port: 7233, ui: 8233, web: 8080 }, {}, null],
    [
      'other ports',
      { port: 41001, ui: 41002, web: 41003 },
      {},
      /8080, so 41003 is used; 7233, so 41001 .*; 8233, so 41002 /,
    ],
    [
      'another port of the page',
      { port: 7233, ui: 8233, web: 41003 },
      { WEB_ADDRESS: '127.0.0.1:9000' },
      /: 9000, so 41003/,
    ],
    ['any port', { port: 7233, ui: 8233, web: 41003 }, { WEB_ADDRESS: '127.0.0.1:0' }, null],
    ["somebody else's Temporal", { port: 1, ui: 2, web: 8080 }, { TEMPORAL_ADDRESS: 'localhost:1' }, null],
  ])('start says where its parts listen, and which ports were in use: %s', (_, { port, ui, web }, env, ports) => {
    const address = `127.0.0.1:${port}`;
    const temporal = { address, namespace: 'n', connection: { address } };
    const temporalProgram = 'TEMPORAL_ADDRESS' in env ? null : resolve('.local/servers/bin/temporal');
    const urls = { uiUrl: `http://127.0.0.1:${ui}`, webUrl: `http://127.0.0.1:${web}` };
    const parts = {
      mongoUri: '',
      instances: [],
      standIn: null,
      settings: readSettings(env),
      temporal,
      ...urls,
      temporalProgram,
    };
    const text = welcome(parts, { hasAdmin: true });
    expect(text).toContain(
      temporalProgram === null
        ? `${address}, namespace n`
        : `  .local/servers/bin/temporal workflow list --address ${address}\n`,
    );
    expect(text).toContain(urls.uiUrl);
    if (ports === null) expect(text).not.toContain('already in use');
    else expect(text).toMatch(ports);
  });

  it('start says what to try with the stand-in', async () => {
    const local = { address: '127.0.0.1:7233', namespace: 'n', connection: { address: '127.0.0.1:7233' } };
    const standIn = await startStandIn({ charts: 0 });
    await standIn.close();
    const rest = { mongoUri: '', temporal: local, uiUrl: null, temporalProgram: null, instances: [] };
    const urls = { webUrl: 'http://127.0.0.1:8080' };
    const text = welcome({ ...rest, ...urls, settings: readSettings({}), standIn }, { hasAdmin: true });
    expect(text).toContain('\n     npx kipu-referrals holds --instance cedar-grove\n');
    const elsewhere = { ...rest, ...urls, settings: readSettings({ DATA_DIR: '/d/other' }), standIn };
    const hints = welcome(elsewhere, { hasAdmin: true }).match(/\S* ?npx kipu-referrals/g) ?? [];
    expect(hints.length).toBeGreaterThan(6);
    expect(new Set(hints)).toEqual(new Set(['DATA_DIR=/d/other npx kipu-referrals']));
    expect(text).toContain("Try: cedar-grove's Chart Update webhook is off");
    expect(text).toContain("north-harbor's webhooks work");
  });

  const referral = { instance: 'north', change: 'made', revision: 1, updatedAt: startedAt } as const;
  const four = ['a', 'b', 'c', 'd'].map((_id) => ({ ...referral, _id }));
  it.each([
    ['nothing', [], [], []],
    ['one referral', [{ ...referral, _id: 'r-1' }], [], ['north  referral of r-1 made (revision 1)']],
    [
      'many of one instance, and one of another',
      [...four, { ...referral, _id: 'r-1', instance: 'south', change: 'changed' as const, revision: 2 }],
      [],
      ['north  4 referrals', 'south  referral of r-1 changed (revision 2)'],
    ],
    ['a notice', [], [{ at: startedAt, text: 'north: it works.' }], ['north: it works.']],
  ])('start prints news: %s', (_, referrals, notices, lines) => {
    const time = startedAt.toTimeString().slice(0, 8);
    expect(newsLines(referrals, notices)).toEqual(lines.map((line) => `${time}  ${line}`));
  });
});
