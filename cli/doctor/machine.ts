import { readSettings, type Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { bad, type Finding, good } from './finding.ts';

const LEAST_NODE = [20, 19] as const;

/** Whether this Node is new enough. `version` as in `process.versions.node`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return good('Node', version);
  return bad('Node', `${version} is too old`, `Install Node ${LEAST_NODE.join('.')} or newer.`);
}

/** Reads the settings; null where they can't be used, with a finding for each problem. */
export function checkSettings(env?: Record<string, string | undefined>): {
  settings: Settings | null;
  findings: Finding[];
} {
  try {
    const settings = readSettings(env);
    return { settings, findings: [good('settings', settingsInWords(settings))] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const fix = 'Mend it; .env.example names every setting.';
    return { settings: null, findings: error.problems.map((problem) => bad('settings', problem, fix)) };
  }
}

function settingsInWords({ mongo, temporal, instances }: Settings): string {
  const of = (what: string, configured: boolean) => `${what} ${configured ? 'configured' : 'local'}`;
  return [of('KIPU', instances !== null), of('MongoDB', mongo.uri !== null), of('Temporal', temporal !== null)].join(
    ', ',
  );
}
