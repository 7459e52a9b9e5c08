import { type Instance, realInstances } from '../../config/instances.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { bad, type Finding, good, warning } from '../../connection/finding.ts';
import { counted } from '../terminal/text.ts';

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
    const allowed = settings.insecure.map(({ setting, why, allowedBy }) =>
      warning(`security ${setting}`, why, `Fix it, and remove ${allowedBy}.`),
    );
    return { settings, findings: [good('settings', settingsText(settings)), ...allowed, ...checkLocalStore(settings)] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const fix = 'Correct this setting; .env.example lists all settings.';
    return { settings: null, findings: error.problems.map((problem) => bad('settings', problem, fix)) };
  }
}

/** Warns of a real KIPU whose patients go into local servers, which ALLOW_LOCAL_STORE allows. */
function checkLocalStore({ mongo, temporal, instances, allowLocalStore }: Settings): Finding[] {
  const real = realInstances(instances ?? []);
  if (real.length === 0 || !allowLocalStore || (mongo.uri !== null && temporal !== null)) return [];
  return [
    warning(
      'security local store',
      `patients of ${real.join(', ')} are stored in a local server`,
      'Set MONGODB_URI and TEMPORAL_ADDRESS, and remove ALLOW_LOCAL_STORE.',
    ),
  ];
}

function settingsText({ mongo, temporal, instances }: Settings): string {
  const of = (part: string, configured: boolean) => `${part} ${configured ? 'configured' : 'local'}`;
  return [of('KIPU', instances !== null), of('MongoDB', mongo.uri !== null), of('Temporal', temporal !== null)].join(
    ', ',
  );
}

/** Warns where entries of the audit have no key, so that a person who may write the database can rewrite them. */
export function checkAuditKey({ mongo }: Pick<Settings, 'mongo'>): Finding {
  if (mongo.auditKeys.length > 0) return good('audit', 'its entries are authenticated');
  return warning(
    'audit',
    'its entries are not authenticated: who may write the database can rewrite it',
    'Set AUDIT_KEY_FILE to a file with a key (openssl rand -hex 32) for each process.',
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
