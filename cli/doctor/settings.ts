import type { Instance } from '../../config/instances.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { counted } from '../terminal/text.ts';
import { bad, type Finding, good, warning } from './finding.ts';

const MIN_NODE = [22, 19] as const;

/** Checks that Node is new enough. `version` as in `process.versions.node`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor, minMinor] = MIN_NODE;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return good('Node', version);
  return bad('Node', `${version} is too old`, `Install Node ${MIN_NODE.join('.')} or newer.`);
}

/** Reads the settings; returns null where they can't be used, with a finding for each problem. */
export function checkSettings(env?: Record<string, string | undefined>): {
  settings: Settings | null;
  findings: Finding[];
} {
  try {
    const settings = readSettings(env);
    return { settings, findings: [good('settings', settingsText(settings))] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const fix = 'Correct this setting; .env.example lists all settings.';
    return { settings: null, findings: error.problems.map((problem) => bad('settings', problem, fix)) };
  }
}

function settingsText({ mongo, temporal, instances }: Settings): string {
  const of = (part: string, configured: boolean) => `${part} ${configured ? 'configured' : 'local'}`;
  return [of('KIPU', instances !== null), of('MongoDB', mongo.uri !== null), of('Temporal', temporal !== null)].join(
    ', ',
  );
}

/** Warns of an instance whose time zone is not set: its discharges are then dated some hours off. */
export function checkTimeZone({ name, timeZone, locationTimeZones = {} }: Instance): Finding {
  const check = `time zone ${name}`;
  const others = Object.keys(locationTimeZones).length;
  const detail = `${timeZone ?? 'not set'}${others === 0 ? '' : `, another for ${counted(others, 'location')}`}`;
  if (timeZone !== undefined) return good(check, detail);
  return warning(
    check,
    `${detail}; dates of charts are read in UTC`,
    'Set timeZone (KIPU_TIME_ZONE for a single instance) to the zone of its facilities, for example America/New_York.',
  );
}
