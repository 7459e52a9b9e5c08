import type { DayWindow } from '../domain/run.ts';
import { accessFindings } from './access.ts';
import { contentFindings } from './content.ts';
import { factsOf, type LiveFacts } from './facts.ts';
import type { LiveFinding } from './finding.ts';
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
