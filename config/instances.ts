import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { chartUrlProblem } from '../domain/chartUrl.ts';
import { type LockPolicy, lockPolicies } from '../domain/lock.ts';
import { isTimeZone } from '../domain/time.ts';
import type { WebhookSecrets } from '../domain/webhookSecrets.ts';
import { checkBaseUrl, DEFAULT_DIGEST, type Digest, digests } from '../kipu/index.ts';
import { isLoopback } from './insecure.ts';
import { SettingsError } from './settingsError.ts';
import { readWebhookSecretsFiles, webhookSecrets, webhookSecretsFiles } from './webhookSecrets.ts';

/** The name of a single instance without one of its own. */
export const DEFAULT_INSTANCE = 'kipu';

/** One customer's KIPU. */
export interface Instance {
  /** Lower-case letters, digits and dashes: part of schedule ids and addresses. */
  name: string;
  baseUrl: string;
  accessId: string;
  secretKey: string;
  appId: string;
  /** The digest that signs requests to it. */
  digest: Digest;
  lockPolicy: LockPolicy;
  /** IANA name of the time zone in which its charts' dates are read; UTC where it is not set. */
  timeZone?: string | undefined;
  /** The time zones of locations that are in another zone, by location id. */
  locationTimeZones?: Record<string, string> | undefined;
  /** The address of a chart in KIPU's own pages, a template with `{casefileNumber}`; without it records link to none. */
  chartUrl?: string | undefined;
  /** Fewer calls per second than KIPU_CALLS_PER_SECOND, for this instance alone. */
  callsPerSecond?: number | undefined;
  /** The secrets that authenticate its webhooks; without any, all of them are refused. */
  webhookSecrets?: WebhookSecrets;
}

const text = z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'is not a string') });
// Not min(): zod compares the length of any object too, also where the value is not a string, and may throw.
const filled = text.trim().refine((one) => one !== '', 'is blank');
const zone = filled.refine(
  isTimeZone,
  'must be the IANA name of a time zone such as America/New_York, not an abbreviation or an offset',
);

const RATE = 'must be a whole number from 1 to 1000';
const ONE_SECRET_KEY = 'set either secretKey or secretKeyFile';

const entry = z
  .strictObject({
    name: text.regex(
      /^[a-z0-9][a-z0-9-]{0,39}$/,
      'must be at most 40 lower-case letters, digits and dashes, and must not start with a dash',
    ),
    baseUrl: filled.default('https://api.kipuapi.com').superRefine((url, issue) => {
      const checked = checkBaseUrl(url);
      if ('problem' in checked) issue.addIssue({ code: 'custom', message: checked.problem });
    }),
    accessId: filled,
    secretKey: filled.optional(),
    secretKeyFile: filled.optional(),
    appId: filled,
    digest: z.enum(digests, `must be one of ${digests.join(', ')}`).default(DEFAULT_DIGEST),
    lockPolicy: z.enum(lockPolicies, `must be one of ${lockPolicies.join(', ')}`).default('webhook-missing'),
    timeZone: zone.optional(),
    locationTimeZones: z.record(filled, zone, 'must be an object with a time zone for each location id').optional(),
    chartUrl: filled
      .superRefine((template, issue) => {
        const problem = chartUrlProblem(template);
        if (problem !== null) issue.addIssue({ code: 'custom', message: problem });
      })
      .optional(),
    callsPerSecond: z.int(RATE).min(1, RATE).max(1_000, RATE).optional(),
    webhookSecrets: webhookSecrets.optional(),
    webhookSecretsFile: webhookSecretsFiles.optional(),
  })
  .refine((one) => (one.secretKey === undefined) !== (one.secretKeyFile === undefined), {
    path: ['secretKey'],
    message: ONE_SECRET_KEY,
    // Also where other fields are wrong, so that every problem is listed.
    when: ({ value }) => value !== null && typeof value === 'object',
  })
  .refine((one) => one.webhookSecrets === undefined || one.webhookSecretsFile === undefined, {
    path: ['webhookSecrets'],
    message: 'set either webhookSecrets or webhookSecretsFile',
    when: ({ value }) => value !== null && typeof value === 'object',
  });

const list = z.array(entry, 'must be an array of instances').refine((all) => all.length > 0, 'has no instances');

/** Where a single instance comes from: problems name its variables. */
const SINGLE = 'KIPU_*';
const SINGLE_VARIABLES: Record<string, string> = {
  ...{ name: 'KIPU_INSTANCE_NAME', baseUrl: 'KIPU_BASE_URL', accessId: 'KIPU_ACCESS_ID', appId: 'KIPU_APP_ID' },
  ...{ secretKey: 'KIPU_SECRET_KEY', secretKeyFile: 'KIPU_SECRET_KEY_FILE', digest: 'KIPU_DIGEST' },
  ...{ lockPolicy: 'KIPU_LOCK_POLICY', timeZone: 'KIPU_TIME_ZONE', webhookSecrets: 'KIPU_WEBHOOK_SECRETS' },
};

/** Reads the instances of `KIPU_INSTANCES_FILE`, or the single one of the variables; null when neither is set. */
export function instancesOf(set: Record<string, string>): Instance[] | null {
  const single = {
    accessId: set.KIPU_ACCESS_ID,
    secretKey: set.KIPU_SECRET_KEY,
    secretKeyFile: set.KIPU_SECRET_KEY_FILE,
    appId: set.KIPU_APP_ID,
    webhookSecrets: set.KIPU_WEBHOOK_SECRETS?.split(',').map((secret) => secret.trim()),
  };
  const hasSingle = Object.values(single).some((value) => value !== undefined);
  if (set.KIPU_INSTANCES_FILE !== undefined) {
    if (hasSingle)
      throw new SettingsError(['KIPU_INSTANCES_FILE and KIPU_ACCESS_ID are both set: use only one of them']);
    return readInstancesFile(set.KIPU_INSTANCES_FILE);
  }
  if (!hasSingle) return null;
  const one = {
    ...single,
    name: set.KIPU_INSTANCE_NAME ?? DEFAULT_INSTANCE,
    baseUrl: set.KIPU_BASE_URL,
    digest: set.KIPU_DIGEST,
    lockPolicy: set.KIPU_LOCK_POLICY,
    timeZone: set.KIPU_TIME_ZONE,
    chartUrl: set.KIPU_CHART_URL,
  };
  return parseInstances([one], SINGLE, '.');
}

/**
 * Reads `KIPU_INSTANCES_FILE`: a JSON array of instances. Paths of secret files are relative to its folder.
 * @throws SettingsError with every problem of the file
 */
export function readInstancesFile(file: string): Instance[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not valid JSON' : "can't be read";
    throw new SettingsError([`KIPU_INSTANCES_FILE: ${file} ${why}`]);
  }
  return parseInstances(json, `KIPU_INSTANCES_FILE ${file}`, dirname(file));
}

/** Parses one instance whose secrets are in it. @throws SettingsError with every problem; `where` names it in them */
export function parseInstance(json: Record<string, unknown>, where: string): Instance {
  const [instance] = parseInstances([json], where, '.');
  // One entry makes one instance.
  if (instance === undefined) throw new SettingsError([`${where}: has no instance`]);
  return instance;
}

/** Parses instances from any source: `where` names it in problems, and paths of secret files are relative to `folder`. */
function parseInstances(json: unknown, where: string, folder: string): Instance[] {
  const parsed = list.safeParse(json);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(json, where, issue));
  problems.push(...duplicateNames(json).map((name) => `${where}: two instances are named "${name}"`));
  const instances = (parsed.data ?? []).map(({ secretKeyFile, secretKey, webhookSecretsFile, ...rest }) => {
    const read = secretKeyFile === undefined ? secretKey : secretOf(resolve(folder, secretKeyFile));
    if (!read) {
      const at = where === SINGLE ? SINGLE_VARIABLES.secretKeyFile : `${where}: ${rest.name} secretKeyFile`;
      problems.push(`${at} ${read === '' ? 'is blank' : "can't be read"}`);
    }
    const instance = { ...rest, secretKey: read ?? '' };
    if (webhookSecretsFile === undefined) return instance;
    const found = readWebhookSecretsFiles(webhookSecretsFile, folder);
    problems.push(...found.problems.map((problem) => `${where}: ${rest.name} webhookSecretsFile ${problem}`));
    return { ...instance, webhookSecrets: found.secrets };
  });
  if (problems.length > 0) throw new SettingsError(problems);
  return instances;
}

/** Returns the names of the instances whose KIPU is not on this machine: their patients are real. */
export function realInstances(instances: readonly Instance[]): string[] {
  return instances.filter(({ baseUrl }) => !isLoopback(new URL(baseUrl).hostname)).map(({ name }) => name);
}

function secretOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

function problemOf(json: unknown, where: string, issue: z.core.$ZodIssue): string {
  const [index, ...path] = issue.path;
  const name = nameOf(Array.isArray(json) ? json[Number(index)] : undefined);
  const at = index === undefined ? '' : ` ${name ?? `entry ${Number(index) + 1}`}`;
  const what = issue.code === 'unrecognized_keys' ? `unknown key ${issue.keys.join(', ')}` : issue.message;
  const variable = where === SINGLE ? SINGLE_VARIABLES[String(path[0])] : undefined;
  if (variable !== undefined)
    return issue.message === ONE_SECRET_KEY
      ? 'KIPU_SECRET_KEY and KIPU_SECRET_KEY_FILE: set one of them'
      : `${variable} ${what}`;
  return `${where}:${at}${path.length > 0 ? ` ${path.join('.')}` : ''} ${what}`;
}

function duplicateNames(json: unknown): string[] {
  const names = (Array.isArray(json) ? json : []).map(nameOf).filter((name) => name !== undefined);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function nameOf(one: unknown): string | undefined {
  const name = one !== null && typeof one === 'object' && 'name' in one ? one.name : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
