import type { Instance } from '../../config/instances.ts';
import { analyze, type LiveReport } from '../../connection/analyze.ts';
import { probe } from '../../connection/probe.ts';
import { type SettingsPatch, type StandIn, type StandInOptions, startStandIn } from '../../dev/stand-in/index.ts';

/** Daylight saving time ended some days before in American zones: both offsets are in the window. */
const NOW = new Date('2026-11-12T15:00:00Z');

/** Runs work with a stand-in whose first instance has these settings, and closes it. */
export async function withStandIn<T>(
  settings: SettingsPatch,
  work: (standIn: StandIn) => Promise<T>,
  options: StandInOptions = {},
): Promise<T> {
  const now = () => NOW;
  const plan = { instances: { 'north-harbor': settings } };
  const standIn = await startStandIn({ charts: 40, startedAt: NOW, now, settings: plan, ...options });
  try {
    return await work(standIn);
  } finally {
    await standIn.close();
  }
}

/** Reads the first instance as `doctor --live` does, without pauses. */
export async function reportOf(standIn: StandIn, change: Partial<Instance> = {}): Promise<LiveReport> {
  const [first] = standIn.instances;
  if (first === undefined) throw new Error('the stand-in has no instance');
  const instance: Instance = {
    ...{ ...first, baseUrl: standIn.url, digest: 'sha256', lockPolicy: 'never' },
    ...{ timeZone: 'America/New_York', webhookSecrets: ['a-secret-of-webhooks'], ...change },
  };
  return analyze(await probe(instance, { now: () => NOW, lookBackDays: 30, timeoutMs: 5_000, pauseMs: 0 }));
}

/** Returns the details of a check's findings, each after its sign on the page. */
export function details(report: LiveReport, check: string): string[] {
  return report.findings
    .filter((finding) => finding.check === check)
    .map(({ ok, fix, detail }) => `${ok ? (fix === null ? '✓' : '!') : '✗'} ${detail}`);
}
