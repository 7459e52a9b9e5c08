import type { DayWindow } from '../../../../domain/run.ts';
import { visibleText } from '../../../../domain/text.ts';
import { accessFindings } from './access.ts';
import { contentFindings, type LiveFinding } from './content.ts';
import { factsOf, type LiveFacts } from './facts.ts';
import type { Observations } from './observations.ts';
import { zoneFindings } from './zone.ts';

/** One document of `doctor --live --json`; see docs/kipu.md. */
export interface LiveReport {
  instance: string;
  /** False where something must be fixed. */
  ok: boolean;
  calls: number;
  /** The days that were asked for. */
  window: DayWindow;
  findings: LiveFinding[];
  /** What to do, in this order. */
  next: string[];
  facts: LiveFacts;
}

/** Turns what was seen of an instance into a report. */
export function analyze(seen: Observations): LiveReport {
  const facts = factsOf(seen);
  const findings = [...accessFindings(seen, facts), ...contentFindings(facts, seen.window), ...zoneFindings(facts)];
  const ok = findings.every((finding) => finding.ok);
  const { instance, window } = seen;
  return { instance, ok, calls: seen.calls.length, window, findings, next: nextSteps(seen, findings, ok), facts };
}

function nextSteps(
  { instance, settings, locations, stopped }: Observations,
  findings: LiveFinding[],
  ok: boolean,
): string[] {
  const fixes = [...findings.filter((one) => !one.ok), ...findings.filter((one) => one.ok)].flatMap(
    ({ mend }) => mend ?? [],
  );
  const again = `Run kipu-referrals doctor --live ${instance} again.`;
  if (stopped !== null) return [...new Set(fixes), again];
  const names = (locations ?? []).filter(({ enabled }) => enabled).map(({ name }) => visibleText(name));
  const at = names.filter((name) => name !== '');
  return [
    ...new Set(fixes),
    ...(settings.hasWebhookSecret ? [] : ['Set webhookSecrets: without one every webhook of KIPU is refused.']),
    "In KIPU's API Management, switch on Chart Update and Patient Creation" +
      `${at.length === 0 ? '' : ` at ${at.join(', ')}`}; kipu-referrals webhooks shows the addresses.`,
    ok ? `Run kipu-referrals setup, then kipu-referrals sync ${instance} --wait.` : again,
  ];
}
