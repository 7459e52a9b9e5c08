import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FaultCode, faultAdvice, faults } from '../../../domain/fault.ts';
import { DAY_MS, MINUTE_MS } from '../../../domain/time.ts';
import { metricDefinitions } from '../../../telemetry/definitions.ts';
import { createMetrics } from '../../../telemetry/metrics.ts';
import { readState } from '../../../telemetry/state.ts';
import { tableRows } from '../../support/documents.ts';
import { root } from '../../support/imports.ts';
import { aRun } from '../../support/memoryStore.ts';
import {
  alertsFile,
  firing,
  isSimple,
  promtool,
  promtoolFires,
  promtoolOnly,
  readAlerts,
  readExposition,
} from '../../support/promRules.ts';
import { aMeasuredWebhook, anAuditCheck, aRecord, at } from '../../support/recordFixtures.ts';
import { type StateForTests, stateForTests } from '../../support/stateForTests.ts';

const alerts = readAlerts();
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const earlier = (ms: number) => new Date(at.getTime() - ms);

/** Returns the metrics that an expression names, without the suffixes of a histogram. */
function namedIn(expr: string): string[] {
  const names = expr.match(/\b(?:kipu_referrals|temporal)_\w+|\bup\b/g) ?? [];
  return names.map((name) => name.replace(/^(\w+_seconds)_(?:bucket|count|sum)$/, '$1'));
}

const metricsOf = (options: StateForTests) =>
  createMetrics({ of: 'worker', state: () => readState(stateForTests(options)), now: () => at });

describe('The alert rules', () => {
  it('are all read by these tests', () => {
    expect(alerts.map(({ alert }) => alert)).toEqual(
      textOf('deploy/observability/alerts.yml').match(/(?<=alert: )\w+/g),
    );
    expect(alerts.length).toBeGreaterThan(20);
  });

  it.each(alerts)('name only metrics that the service exports: $alert', ({ expr }) => {
    const named = namedIn(expr);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => name !== 'up' && !Object.hasOwn(metricDefinitions, name))).toEqual([]);
  });

  it.each(alerts)('lead to a runbook with the five answers: $alert', ({ alert, severity, runbook }) => {
    const text = textOf(runbook);
    expect(text).toContain(`Alert \`${alert}\`, ${severity}.`);
    expect(text.match(/^## .*$/gm)).toEqual([
      ...['## What it means', '## Which patients it affects', '## What to look at', '## What to do'],
      '## When to call whom',
    ]);
  });

  it('are those of the list of runbooks', () => {
    const rows = tableRows(textOf('docs/runbooks/README.md'), 'alert');
    expect(rows.map(([alert, severity]) => [alert?.replaceAll('`', ''), severity])).toEqual(
      alerts.map(({ alert, severity }) => [alert, severity]),
    );
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((page) => !/README|failures/.test(page));
    expect(pages.sort()).toEqual(alerts.map(({ runbook }) => runbook.replace('docs/runbooks/', '')).sort());
  });

  it('refuse a connection for exactly the codes by which KIPU refuses an instance', () => {
    const [, codes = ''] =
      /code=~"([^"]+)"/.exec(alerts.find(({ alert }) => alert.endsWith('Refused'))?.expr ?? '') ?? [];
    const ofInstance = Object.entries(faults).filter(([, fault]) => fault.class === 'instance');
    expect(codes.split('|').sort()).toEqual(ofInstance.map(([code]) => code).sort());
  });

  promtoolOnly(`are valid for promtool`, () => {
    expect(promtool(['check', 'rules', alertsFile])).toBeNull();
  });

  promtoolOnly(
    `fire in promtool's test, one for each, and not for a service that works`,
    () => {
      expect(promtool(['test', 'rules', join(root, 'deploy/observability/alerts.test.yml')])).toBeNull();
    },
    60_000,
  );

  it('have a test for promtool each', () => {
    const tested = textOf('deploy/observability/alerts.test.yml').match(/(?<=- name: )KipuReferrals\w+/g);
    expect(tested).toEqual(alerts.map(({ alert }) => alert));
  });
});

const refused = aRun({ status: 'failed', cursor: null, fault: { code: 'forbidden', text: 'KIPU refused' } });
const incomplete = aRun({ status: 'incomplete', cursor: null, fault: { code: 'unavailable', text: 'KIPU is down' } });
const heldSince = (ms: number) => {
  const hold = { since: earlier(ms), reason: 'policy-always', reminders: 0, changesWaiting: 0 };
  return aRecord({ status: 'held', hold: hold as never });
};
const auditOf = (ms: number, seq = 7) => [{ _id: 'a', seq, at: earlier(ms) }] as never[];
const condition = (kind: string) => [{ kind, detail: null, since: at, instance: 'north', text: '' }] as never[];
/** For each simple rule a state that lets it fire, a state beside it that does not, and the labels of the alert. */
const conditions: [string, StateForTests, StateForTests, Record<string, string>][] = [
  [
    'RunLate',
    { now: new Date(at.getTime() + 91 * MINUTE_MS) },
    { now: new Date(at.getTime() + 90 * MINUTE_MS) },
    { kipu_instance: 'north' },
  ],
  [
    'RunFailed',
    { data: { runs: [incomplete, incomplete] } },
    { data: { runs: [incomplete, aRun()] } },
    { kipu_instance: 'north' },
  ],
  [
    'ConnectionRefused',
    { data: { runs: [refused] } },
    { data: { runs: [incomplete] } },
    { kipu_instance: 'north', code: 'forbidden' },
  ],
  [
    'ScheduleWrong',
    { data: { conditions: condition('no-schedule') } },
    { data: { conditions: condition('late') } },
    { kipu_instance: 'north', kind: 'no-schedule' },
  ],
  [
    'SuspiciousLists',
    { data: { runs: [aRun({ warnings: [{ code: 'no-locations', text: '' }] })] } },
    {},
    { kipu_instance: 'north', code: 'no-locations' },
  ],
  [
    'HoldsOld',
    { data: { records: [heldSince(7 * DAY_MS)] } },
    { data: { records: [heldSince(7 * DAY_MS - 1)] } },
    { kipu_instance: 'north' },
  ],
  ['ChartsFailing', { data: { conditions: condition('records-failing') } }, {}, { kipu_instance: 'north' }],
  [
    'WebhookSilent',
    {
      data: { webhooks: [aMeasuredWebhook({ health: 'failing' }), aMeasuredWebhook({ webhook: 'patient-creation' })] },
    },
    { data: { webhooks: [aMeasuredWebhook(), aMeasuredWebhook({ webhook: 'patient-creation' })] } },
    { kipu_instance: 'north', webhook: 'chart-update' },
  ],
  ['ReceiverAway', { lastUp: earlier(301_000) }, { lastUp: earlier(300_000) }, {}],
  [
    'DispatcherBacklog',
    { backlog: { count: 2, oldest: earlier(301_000) } },
    { backlog: { count: 2, oldest: earlier(301_000) }, paused: true },
    { kipu_instance: 'north' },
  ],
  ['DatabaseAway', { database: 'away' }, {}, {}],
  ['TemporalAway', { temporal: 'silent' }, {}, {}],
  [
    'AuditBroken',
    { data: { auditCheck: anAuditCheck({ isIntact: false }) } },
    { data: { auditCheck: anAuditCheck() } },
    {},
  ],
  ['AuditNotGrowing', { data: { audit: auditOf(3 * DAY_MS + 1_000) } }, { data: { audit: auditOf(3 * DAY_MS) } }, {}],
];

describe('A condition in the service', () => {
  it('is made for every rule that these tests can evaluate', () => {
    const simple = alerts.filter(({ expr }) => isSimple(expr)).map(({ alert }) => alert);
    expect(conditions.map(([name]) => `KipuReferrals${name}`)).toEqual(simple);
  });

  it.each(conditions)('lets its alert fire, and one beside it does not: %s', async (name, wrong, right, labels) => {
    const { expr } = alerts.find(({ alert }) => alert === `KipuReferrals${name}`) ?? { expr: '' };
    expect(firing(expr, readExposition(await metricsOf(wrong).text()))).toEqual([labels]);
    expect(firing(expr, readExposition(await metricsOf(right).text()))).toEqual([]);
  });

  const endsWith = (seq: number): StateForTests => ({ data: { audit: auditOf(0, seq) } });
  const changes: [string, StateForTests, StateForTests, StateForTests, Record<string, string>][] = [
    ['OwedNotShrinking', { owed: 5 }, { owed: 5 }, { owed: 4 }, { kipu_instance: 'north' }],
    ['AuditHeadBack', endsWith(7), endsWith(6), endsWith(8), {}],
  ];
  for (const [name, before, wrong, right, labels] of changes) {
    promtoolOnly(`lets its alert fire after an earlier state, and one beside it does not: ${name}`, async () => {
      const rule = alerts.find(({ alert }) => alert === `KipuReferrals${name}`);
      const [first, bad, good] = await Promise.all([before, wrong, right].map((state) => metricsOf(state).text()));
      expect(rule && promtoolFires(rule, first ?? '', bad ?? '', labels)).toBeNull();
      expect(rule && promtoolFires(rule, first ?? '', good ?? '', labels)).not.toBeNull();
    });
  }

  it('is made for all rules but those of a process that Prometheus does not reach', () => {
    const made = [...conditions, ...changes, ...counted].map(([name]) => `KipuReferrals${name}`);
    const others = alerts.map(({ alert }) => alert).filter((alert) => !made.includes(alert));
    expect(others).toEqual(['KipuReferralsWorkerGone', 'KipuReferralsWebGone']);
  });

  const call = { route: 'GET /api/locations', status: 503, code: 'unavailable' as const, ms: 20, clockSkewMs: null };
  const counted: [string, (metrics: ReturnType<typeof metricsOf>) => void, Record<string, string>][] = [
    ['DiskFull', (metrics) => metrics.activityFault('store-full'), {}],
    ['KipuRefusing', (metrics) => metrics.kipuCall('north', call), { kipu_instance: 'north', code: 'unavailable' }],
    ['KipuSlow', (metrics) => metrics.kipuCall('north', { ...call, ms: 9_000 }), { kipu_instance: 'north' }],
  ];
  for (const [name, happen, labels] of counted) {
    promtoolOnly(`lets its alert fire when it is counted: ${name}`, async () => {
      const rule = alerts.find(({ alert }) => alert === `KipuReferrals${name}`);
      const metrics = metricsOf({});
      // A rate needs an earlier value.
      metrics.kipuCall('north', { ...call, ms: 20 });
      const before = await metrics.text();
      for (let times = 0; times < 40; times += 1) happen(metrics);
      expect(rule && promtoolFires(rule, before, await metrics.text(), labels)).toBeNull();
      expect(rule && promtoolFires(rule, before, before, labels)).not.toBeNull();
    });
  }
});

describe('docs/runbooks/failures.md', () => {
  const rows = tableRows(textOf('docs/runbooks/failures.md'), 'code');

  it('has one row for each code, with its class and the advice that people are shown', () => {
    const classOf = ({ class: always, ofChart = always }: { class: string; ofChart?: string }) =>
      ofChart === always ? always : `${always}, of one chart: ${ofChart}`;
    expect(rows.map(([code = '', kind, , advice]) => [code.replaceAll('`', ''), kind, advice])).toEqual(
      Object.entries(faults).map(([code, fault]) => [code, classOf(fault), faultAdvice(code as FaultCode)]),
    );
  });

  it.each(rows)('says what %s looks like on the page of Temporal', (_code, _class, look = '') => {
    expect(look.length).toBeGreaterThan(30);
  });
});

describe('The dashboard', () => {
  interface Panel {
    id: number;
    type: string;
    title: string;
    gridPos: { h: number; w: number; x: number; y: number };
    targets?: { refId: string; expr: string }[];
  }
  const dashboard = JSON.parse(textOf('deploy/observability/dashboard.json')) as {
    panels: Panel[];
    templating: unknown;
  };
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');

  it('names only metrics that the service exports, and every one of them', () => {
    const expressions = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const named = [...expressions, JSON.stringify(dashboard.templating)].flatMap(namedIn);
    expect(named.filter((name) => name !== 'up' && !Object.hasOwn(metricDefinitions, name))).toEqual([]);
    expect(Object.keys(metricDefinitions).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('has panels with titles, ids of their own, and queries, that do not overlap within 24 columns', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, targets = [], gridPos } of shown) {
      expect([title, targets.map(({ refId }) => refId)]).toEqual([
        expect.stringMatching(/./),
        ['A', 'B', 'C'].slice(0, targets.length),
      ]);
      expect(targets.length).toBeGreaterThan(0);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  promtoolOnly(`has queries that Prometheus can parse`, () => {
    const rules = shown.flatMap(({ targets = [] }) => targets).map(({ expr }) => ({ record: 'panel', expr }));
    const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-panels-'));
    try {
      const groups = rules.map((rule, n) => ({ name: `panel ${n}`, rules: [rule] }));
      writeFileSync(join(folder, 'panels.yml'), JSON.stringify({ groups }));
      expect(promtool(['check', 'rules', join(folder, 'panels.yml')])).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
