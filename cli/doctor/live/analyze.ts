import type { DayWindow } from '../../../domain/run.ts';
import { counted, wrapped } from '../../terminal/text.ts';
import type { LiveFinding } from '../finding.ts';
import { signOf } from '../finding.ts';
import { accessFindings } from './access.ts';
import { contentFindings } from './content.ts';
import { factsOf, type LiveFacts } from './facts.ts';
import type { Observations } from './observations.ts';

/** One document of `doctor --live --json`; see docs/kipu.md. */
export interface LiveReport {
  instance: string;
  /** False where something must be fixed. */
  ok: boolean;
  calls: number;
  /** The days that were listed. */
  window: DayWindow;
  findings: LiveFinding[];
  /** What to do, in order. */
  next: string[];
  facts: LiveFacts;
}

/** Builds the report from what the probe saw of an instance. */
export function analyze(seen: Observations): LiveReport {
  const facts = factsOf(seen);
  const findings = [...accessFindings(seen, facts), ...contentFindings(facts, seen.window)];
  const ok = findings.every((finding) => finding.ok);
  const { instance, window } = seen;
  const next = nextActions(seen, facts, findings, ok);
  return { instance, ok, calls: seen.calls.length, window, findings, next, facts };
}

function nextActions(
  { instance, settings, stopped }: Observations,
  { locations }: LiveFacts,
  findings: LiveFinding[],
  ok: boolean,
): string[] {
  const inOrder = [...findings.filter((one) => !one.ok), ...findings.filter((one) => one.ok)];
  const fixes = [...new Set(inOrder.flatMap(({ fix }) => fix ?? []))];
  const again = `Run kipu-referrals doctor --live ${instance} again.`;
  if (stopped !== null) return [...fixes, again];
  const names = (locations ?? []).filter(({ name, enabled }) => enabled && name !== '').map(({ name }) => name);
  return [
    ...fixes,
    ...(settings.hasWebhookSecret ? [] : ['Set webhookSecrets: a webhook without one is refused.']),
    "In KIPU's API Management, turn on Chart Update and Patient Creation" +
      `${names.length === 0 ? '' : ` at ${names.join(', ')}`}; kipu-referrals webhooks shows the addresses.`,
    ok ? `Run kipu-referrals setup, then kipu-referrals sync ${instance} --wait.` : again,
  ];
}

/** Formats the report as a page for people: the findings, and below them what to do. */
export function page({ instance, calls, findings, next }: LiveReport): string {
  const checks = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(checks + 4);
  const lines = findings.flatMap((finding) => [
    ...wrapped(`${signOf(finding)} ${finding.check.padEnd(checks)}  `, finding.detail, indent),
    ...(finding.lines ?? []).flatMap((line) => wrapped(indent, line, `${indent}  `)),
  ]);
  const head = `KIPU ${instance}: ${counted(calls, 'call')}, read only; no patient data below`;
  const actions = next.flatMap((action, index) => wrapped(`${String(index + 1).padStart(2)}. `, action, '    '));
  return [head, '', ...lines, '', 'What to do next', ...actions].join('\n');
}
