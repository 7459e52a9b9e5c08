import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import { analyze, type LiveReport } from './analyze.ts';
import { estimateFirstRun, firstRunText } from './firstRun.ts';
import { probe } from './probe.ts';

/** Pause between two calls: at most two per second. */
const PAUSE_MS = 500;

/** What a live test of a connection found. */
export interface ConnectionReport {
  report: LiveReport;
  /** What the first sync will do, in sentences. */
  firstRun: string[];
  /** Whether KIPU accepts the credentials, so that the connection can be stored. */
  usable: boolean;
  /** The instance with the digest that KIPU accepts. */
  instance: Instance;
}

/** Reads the instance's KIPU with at most 30 calls, and reports what it is like. Changes nothing. */
export async function testConnection(
  instance: Instance,
  { runs, kipu }: Pick<Settings, 'runs' | 'kipu'>,
  pauseMs = PAUSE_MS,
): Promise<ConnectionReport> {
  const { lookBackDays, pageSize } = runs;
  const { timeoutMs } = kipu;
  const seen = await probe(instance, { lookBackDays, timeoutMs, pauseMs });
  const report = analyze(seen);
  const { accepted } = seen.digests;
  const { lockPolicy, callsPerSecond = kipu.callsPerSecond } = instance;
  const estimate = estimateFirstRun(report.facts, { lockPolicy, pageSize, callsPerSecond });
  return {
    report,
    firstRun: seen.sample === null ? [] : firstRunText(estimate, lockPolicy),
    usable: accepted !== null && seen.stopped === null,
    instance: accepted === null ? instance : { ...instance, digest: accepted },
  };
}
