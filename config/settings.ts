import { resolve } from 'node:path';
import { z } from 'zod';
import { MINUTE_MS } from '../domain/time.ts';
import { type Instance, parseInstances, readInstancesFile } from './instances.ts';
import { SettingsError } from './settingsError.ts';
import { type TemporalSettings, temporalSettings } from './temporal.ts';
import { type PageSettings, pageSettings, pageVariables } from './web.ts';

const whole = (min: number, max: number, byDefault: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}`)
    .int(`must be a whole number from ${min} to ${max}`)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(byDefault);

const INSTANCE_NAME = 'kipu';

/** The settings of this service by their names in the environment. */
const variables = {
  DATA_DIR: z.string().default('.data'),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[\w-]{1,63}$/, 'must be letters, digits, _ and - only')
    .default('kipu_referrals'),
  TASK_QUEUE: z.string().min(1).max(200).default('kipu-referrals'),
  KIPU_INSTANCES_FILE: z.string().optional(),
  KIPU_INSTANCE_NAME: z.string().default(INSTANCE_NAME),
  KIPU_BASE_URL: z.string().optional(),
  KIPU_ACCESS_ID: z.string().optional(),
  KIPU_SECRET_KEY: z.string().optional(),
  KIPU_SECRET_KEY_FILE: z.string().optional(),
  KIPU_APP_ID: z.string().optional(),
  KIPU_DIGEST: z.string().optional(),
  KIPU_LOCK_POLICY: z.string().optional(),
  KIPU_TIME_ZONE: z.string().optional(),
  KIPU_WEBHOOK_SECRETS: z.string().optional(),
  KIPU_CALLS_PER_SECOND: whole(1, 1_000, 20),
  KIPU_TIMEOUT_SECONDS: whole(1, 100, 30),
  SYNC_EVERY_MINUTES: whole(1, 1_440, 60),
  SYNC_JITTER_SECONDS: whole(0, 3_600, 60),
  SYNC_CATCH_UP_MINUTES: whole(1, 10_080, 360),
  SYNC_FULL_RUN_HOUR: whole(0, 23, 8),
  SYNC_LOOK_BACK_DAYS: whole(1, 3_650, 30),
  SYNC_PAGE_SIZE: whole(1, 1_000, 100),
  SYNC_MAX_IN_FLIGHT: whole(1, 500, 50),
  WEBHOOK_GRACE_SECONDS: whole(0, 86_400, 300),
  NOTICE_URL: z.url('must be a URL').optional(),
  FRESH_WITHIN_MINUTES: whole(1, 100_000, 90),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
  METRICS_ADDRESS: z
    .string()
    .regex(/^[\w.:[\]-]+:\d+$/, 'must be host:port')
    .optional(),
  HEALTH_PORT: z.coerce.number('must be a port number').int().min(0).max(65_535).optional(),
  WEB_ADDRESS: z
    .string()
    .regex(/^(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, 'must be host:port')
    .refine((address) => addressOf(address).port <= 65_535, 'must have a port of at most 65535')
    .default('127.0.0.1:8080'),
  WEBHOOKS_PER_SECOND: whole(1, 10_000, 50),
  WEB_IDLE_MINUTES: whole(1, 720, 30),
  ...pageVariables,
  SHUTDOWN_GRACE_SECONDS: whole(0, 300, 10),
  STAND_IN_CHARTS: whole(1, 100_000, 40),
  STAND_IN_SEED: whole(0, 1_000_000, 1),
};

/** The names of this service's settings; Temporal's are in config/temporal.ts. */
export const settingNames: readonly string[] = Object.keys(variables);

const OURS = /^(KIPU|SYNC|STAND_IN|MONGODB|OIDC)_/;

/** What the service runs with. A part that is null is not configured: a local one is started instead. */
export interface Settings {
  dataDir: string;
  mongo: { uri: string | null; database: string };
  temporal: TemporalSettings | null;
  taskQueue: string;
  instances: Instance[] | null;
  kipu: { callsPerSecond: number; timeoutMs: number };
  schedule: { everyMinutes: number; jitterSeconds: number; catchUpMinutes: number };
  runs: {
    fullRunHour: number;
    lookBackDays: number;
    pageSize: number;
    maxInFlight: number;
    webhookGraceMs: number;
  };
  /** How old the last completed run of an instance may be. */
  freshWithinMs: number;
  noticeUrl: string | null;
  worker: {
    logLevel: 'debug' | 'info' | 'warn' | 'error';
    metricsAddress: string | null;
    healthPort: number | null;
    graceSeconds: number;
  };
  /**
   * Where webhooks are received and pages served (port 0: any free one), how many webhooks per second and instance are
   * accepted, and how long a session lasts without activity.
   */
  web: { host: string; port: number; webhooksPerSecond: number; idleMs: number } & PageSettings;
  standIn: { charts: number; seed: number };
}

/**
 * Reads all settings. An empty variable counts as absent.
 * @throws SettingsError with every problem found
 */
export function readSettings(env: Record<string, string | undefined> = process.env): Settings {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value?.trim()) set[name] = value.trim();
  const problems = Object.keys(set)
    .filter((name) => OURS.test(name) && !(name in variables))
    .map((name) => `${name}: unknown setting; see .env.example`);

  const parsed = z.object(variables).safeParse(set);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const instances = collect(problems, () => instancesIn(set));
  const temporal = collect(problems, () => temporalSettings(set));
  const pages = parsed.success ? collect(problems, () => pageSettings(parsed.data)) : undefined;
  if (!parsed.success || pages === undefined || problems.length > 0) throw new SettingsError(problems);

  const { data } = parsed;
  return {
    dataDir: resolve(data.DATA_DIR),
    mongo: { uri: data.MONGODB_URI ?? null, database: data.MONGODB_DATABASE },
    temporal: temporal ?? null,
    taskQueue: data.TASK_QUEUE,
    instances: instances ?? null,
    kipu: { callsPerSecond: data.KIPU_CALLS_PER_SECOND, timeoutMs: data.KIPU_TIMEOUT_SECONDS * 1_000 },
    schedule: {
      everyMinutes: data.SYNC_EVERY_MINUTES,
      jitterSeconds: data.SYNC_JITTER_SECONDS,
      catchUpMinutes: data.SYNC_CATCH_UP_MINUTES,
    },
    runs: {
      fullRunHour: data.SYNC_FULL_RUN_HOUR,
      lookBackDays: data.SYNC_LOOK_BACK_DAYS,
      pageSize: data.SYNC_PAGE_SIZE,
      maxInFlight: data.SYNC_MAX_IN_FLIGHT,
      webhookGraceMs: data.WEBHOOK_GRACE_SECONDS * 1_000,
    },
    freshWithinMs: data.FRESH_WITHIN_MINUTES * MINUTE_MS,
    noticeUrl: data.NOTICE_URL ?? null,
    worker: {
      logLevel: data.LOG_LEVEL,
      metricsAddress: data.METRICS_ADDRESS ?? null,
      healthPort: data.HEALTH_PORT ?? null,
      graceSeconds: data.SHUTDOWN_GRACE_SECONDS,
    },
    web: {
      ...addressOf(data.WEB_ADDRESS),
      webhooksPerSecond: data.WEBHOOKS_PER_SECOND,
      idleMs: data.WEB_IDLE_MINUTES * MINUTE_MS,
      ...pages,
    },
    standIn: { charts: data.STAND_IN_CHARTS, seed: data.STAND_IN_SEED },
  };
}

/** Reads the instances of the file, or the single one of the variables; null when neither is set. */
function instancesIn(set: Record<string, string>): Instance[] | null {
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
    name: set.KIPU_INSTANCE_NAME ?? INSTANCE_NAME,
    baseUrl: set.KIPU_BASE_URL,
    digest: set.KIPU_DIGEST,
    lockPolicy: set.KIPU_LOCK_POLICY,
    timeZone: set.KIPU_TIME_ZONE,
  };
  return parseInstances([one], 'KIPU_*', '.');
}

function addressOf(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

function collect<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
