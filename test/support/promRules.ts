import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { root } from './imports.ts';

export const alertsFile = join(root, 'deploy/observability/alerts.yml');

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** A test that needs Prometheus' own tool; without it the test is skipped, and its title says so. */
export function promtoolOnly(title: string, check: () => void | Promise<void>, timeoutMs?: number): void {
  if (hasPromtool) it(title, check, timeoutMs);
  else it.skip(`${title} (skipped: promtool is not installed)`, check);
}

export interface AlertRule {
  alert: string;
  expr: string;
  severity: string;
  runbook: string;
}

/** Reads the rules, each of which is written in the same few lines. */
export function readAlerts(): AlertRule[] {
  const rules = readFileSync(alertsFile, 'utf8').matchAll(
    /- alert: (\w+)\n +expr: (?:'(.+)'|"([^"\n\\]+)")\n +for: \w+\n +labels:\n +severity: (\w+)\n +annotations:\n +summary: .+\n +runbook_url: (\S+)\n/g,
  );
  return Array.from(rules, ([, alert = '', single, double = '', severity = '', runbook = '']) => ({
    ...{ alert, severity, runbook },
    expr: single ?? double,
  }));
}

/** A sample of an exposition. */
interface Scraped {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads Prometheus' text format. */
export function readExposition(text: string): Scraped[] {
  return Array.from(text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm), ([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, key = '', one = '']) => [key, one])),
    value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
  }));
}

const SIMPLE = /^(max|min)(?: by \(([\w, ]+)\))? ?\((\w+)(?:\{(.+)\})?\) (==|>=|>|<) (\d+)$/;

/** Returns whether a rule is of the simple form that `firing` evaluates: one aggregation and one comparison. */
export const isSimple = (expr: string): boolean => SIMPLE.test(expr);

/** Evaluates a simple rule for one scrape, and returns the labels of each alert that fires. */
export function firing(expr: string, samples: readonly Scraped[]): Record<string, string>[] {
  const [, how, by = '', name, selector = '', operator = '', limit] = SIMPLE.exec(expr) ?? [];
  if (how === undefined) throw new Error(`Not a simple rule: ${expr}`);
  const matchers = Array.from(selector.matchAll(/(\w+)(=~|=)"([^"]*)"/g), ([, label = '', kind, wanted = '']) => {
    const pattern = kind === '=' ? null : new RegExp(`^(?:${wanted})$`);
    return ({ labels }: Scraped) => pattern?.test(labels[label] ?? '') ?? labels[label] === wanted;
  });
  const kept = by === '' ? [] : by.split(', ');
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const sample of samples.filter((one) => one.name === name && matchers.every((matches) => matches(one)))) {
    const labels = Object.fromEntries(kept.map((label) => [label, sample.labels[label] ?? '']));
    const group = groups.get(JSON.stringify(labels)) ?? { labels, values: [] };
    groups.set(JSON.stringify(labels), { labels, values: [...group.values, sample.value] });
  }
  const compare: Record<string, (value: number) => boolean> = {
    '==': (value) => value === Number(limit),
    '>=': (value) => value >= Number(limit),
    '>': (value) => value > Number(limit),
    '<': (value) => value < Number(limit),
  };
  return [...groups.values()]
    .filter(({ values }) => compare[operator]?.(how === 'max' ? Math.max(...values) : Math.min(...values)) ?? false)
    .map(({ labels }) => labels);
}

/** Runs promtool, and returns what it says where it fails; null where it succeeds. */
export function promtool(args: readonly string[], input = ''): string | null {
  const { status, stdout, stderr } = spawnSync('promtool', [...args], { input, encoding: 'utf8' });
  return status === 0 ? null : `${stdout}\n${stderr}`;
}

/**
 * Lets promtool evaluate a rule on two scrapes: the first holds for four hours, the second for the half hour after it. Returns what
 * differs from an alert with these labels; null where it fires so.
 */
export function promtoolFires(
  rule: AlertRule,
  before: string,
  after: string,
  labels: Record<string, string>,
): string | null {
  const key = ({ name, labels: of }: Scraped) =>
    `${name}{${Object.entries(of)
      .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
      .join(',')}}`;
  const first = new Map(readExposition(before).map((one) => [key(one), one.value]));
  const series = readExposition(after).map((one) => ({
    series: key(one),
    values: `${first.get(key(one)) ?? '_'}x240 ${one.value}x30`,
  }));
  const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-rules-'));
  try {
    // JSON is YAML. The rule fires at once here: how long it waits is tested elsewhere.
    const record = { record: 'fires', expr: rule.expr };
    writeFileSync(join(folder, 'rule.yml'), JSON.stringify({ groups: [{ name: 'one', rules: [record] }] }));
    const own = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    const query = { expr: 'count by (kipu_instance, code) (fires)', eval_time: '255m' };
    const test = {
      rule_files: ['rule.yml'],
      evaluation_interval: '1m',
      tests: [
        {
          ...{ interval: '1m', input_series: series },
          promql_expr_test: [{ ...query, exp_samples: [{ labels: `{${own.join(', ')}}`, value: 1 }] }],
        },
      ],
    };
    writeFileSync(join(folder, 'test.yml'), JSON.stringify(test));
    return promtool(['test', 'rules', join(folder, 'test.yml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
