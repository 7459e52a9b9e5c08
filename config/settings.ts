import { resolve } from 'node:path';
import { z } from 'zod';
import type { MailServer } from '../domain/notification.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { auditKeysIn } from './auditKeys.ts';
import { type ConnectionKey, connectionKeysIn } from './connectionKeys.ts';
import { addressOf, healthAddress, type InsecureConnection, insecureConnections, refuseInsecure } from './insecure.ts';
import { DEFAULT_INSTANCE, type Instance, instancesOf } from './instances.ts';
import { mailSettings, mailVariables } from './mail.ts';
import { misspelledSettings } from './misspelled.ts';
import { fileVariables, readSecretFiles } from './secretFiles.ts';
import { collect, SettingsError } from './settingsError.ts';
import { type TelemetrySettings, telemetrySettings, telemetryVariables } from './telemetry.ts';
import { type TemporalSettings, temporalSettingNames, temporalSettings } from './temporal.ts';
import { listenAddress, permission, whole } from './valueKinds.ts';
import { type PageSettings, pageSettings, pageVariables } from './web.ts';
import { versionVariables, type WorkerVersion, workerVersion } from './workerVersion.ts';

/** The data folder where none is set, in the current folder. */
export const DEFAULT_DATA_DIR = '.data';

/** The settings of this service by their names in the environment. */
export const variables = {
  DATA_DIR: z.string().default(DEFAULT_DATA_DIR),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  MONGODB_INSECURE: permission('no'),
  ALLOW_LOCAL_STORE: permission('no'),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[\w-]{1,63}$/, 'must be letters, digits, _ and - only')
    .default('kipu_referrals'),
  AUDIT_KEY: z.string().optional(),
  AUDIT_KEY_FILE: z.string().optional(),
  CONNECTIONS_KEY: z.string().optional(),
  CONNECTIONS_KEY_FILE: z.string().optional(),
  TEMPORAL_INSECURE: permission('no'),
  TASK_QUEUE: z.string().min(1).max(200).default('kipu-referrals'),
  KIPU_INSTANCES_FILE: z.string().optional(),
  KIPU_INSTANCE_NAME: z.string().default(DEFAULT_INSTANCE),
  KIPU_BASE_URL: z.string().optional(),
  KIPU_ACCESS_ID: z.string().optional(),
  KIPU_SECRET_KEY: z.string().optional(),
  KIPU_SECRET_KEY_FILE: z.string().optional(),
  KIPU_APP_ID: z.string().optional(),
  KIPU_DIGEST: z.string().optional(),
  KIPU_LOCK_POLICY: z.string().optional(),
  KIPU_TIME_ZONE: z.string().optional(),
  KIPU_CHART_URL: z.string().optional(),
  KIPU_WEBHOOK_SECRETS: z.string().optional(),
  KIPU_CALLS_PER_SECOND: whole(1, 1_000, 20),
  KIPU_TIMEOUT_SECONDS: whole(1, 100, 30),
  SYNC_EVERY_MINUTES: whole(1, 1_440, 60),
  SYNC_JITTER_SECONDS: whole(0, 3_600, 60),
  SYNC_CATCH_UP_MINUTES: whole(1, 10_080, 360),
  SYNC_FULL_RUN_HOUR: whole(0, 23, 8),
  SYNC_LOOK_BACK_DAYS: whole(1, 3_650, 30),
  // A history of a run ends after 1,000 held records and up to three more pages; a server allows 2,000 pending children.
  SYNC_PAGE_SIZE: whole(1, 250, 100),
  SYNC_MAX_IN_FLIGHT: whole(1, 500, 50),
  SYNC_BULK_FROM: whole(1, 1_000_000, 50),
  WEBHOOK_GRACE_SECONDS: whole(0, 86_400, 300),
  NOTICE_URL: z.url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' }).optional(),
  NOTICE_INSECURE: permission('no'),
  ...mailVariables,
  ...fileVariables,
  UNLOCK_BY_HAND: permission('yes'),
  FRESH_WITHIN_MINUTES: whole(1, 100_000, 90),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
  ...telemetryVariables,
  HEALTH_ADDRESS: listenAddress.optional(),
  HEALTH_PORT: z.coerce.number('must be a port number').int().min(0).max(65_535).optional(),
  WEB_ADDRESS: listenAddress.default('127.0.0.1:8080'),
  HEALTH_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 printable ASCII characters without spaces')
    .optional(),
  ...{ WEBHOOKS_PER_SECOND: whole(1, 10_000, 50), WEB_DRAIN_SECONDS: whole(0, 60, 0) },
  WEB_IDLE_MINUTES: whole(1, 720, 30),
  ...pageVariables,
  SHUTDOWN_GRACE_SECONDS: whole(0, 300, 10),
  ...versionVariables,
  STAND_IN_CHARTS: whole(1, 100_000, 40),
  STAND_IN_SEED: whole(0, 1_000_000, 1),
};

/** The names of this service's settings; Temporal's are in config/temporal.ts. */
export const settingNames: readonly string[] = Object.keys(variables);

/** What the service runs with. A part that is null is not configured: a local one is started instead. */
export interface Settings {
  dataDir: string;
  /** `auditKeys`: the first authenticates new entries of the audit, all are accepted in a check. */
  mongo: { uri: string | null; database: string; auditKeys: readonly string[] };
  temporal: TemporalSettings | null;
  taskQueue: string;
  /** The instances that the settings name. With a key for stored connections this may be none. */
  instances: Instance[] | null;
  /** The keys of stored connections: the first encrypts their secrets, all decrypt them. */
  connectionKeys: readonly ConnectionKey[];
  kipu: { callsPerSecond: number; timeoutMs: number };
  schedule: { everyMinutes: number; jitterSeconds: number; catchUpMinutes: number };
  runs: {
    fullRunHour: number;
    lookBackDays: number;
    pageSize: number;
    maxInFlight: number;
    bulkFrom: number;
    webhookGraceMs: number;
  };
  /** How old the last completed run of an instance may be. */
  freshWithinMs: number;
  noticeUrl: string | null;
  mail: MailServer | null;
  /** Whether a signal that a person typed on Temporal's page may unlock a record. */
  unlockByHand: boolean;
  /** The connections that settings allow although they are insecure. */
  insecure: InsecureConnection[];
  /** Whether the data of a real KIPU may go into the local MongoDB and Temporal. */
  allowLocalStore: boolean;
  worker: {
    logLevel: 'debug' | 'info' | 'warn' | 'error';
    metricsAddress: string | null;
    /** Where the worker's health endpoints listen (port 0: any free one); null where there are none. */
    health: { host: string; port: number } | null;
    graceSeconds: number;
    /** Its version in Temporal's Worker Versioning; null where it takes all work. */
    deployment: WorkerVersion | null;
  };
  telemetry: TelemetrySettings;
  /**
   * Where webhooks are received and pages served (port 0: any free one), how many webhooks per second and instance are accepted,
   * how long it serves before it stops, how long a session lasts without activity, and the token of the monitoring (null: none).
   */
  web: {
    host: string;
    port: number;
    webhooksPerSecond: number;
    drainMs: number;
    idleMs: number;
    healthToken: string | null;
  } & PageSettings;
  standIn: { charts: number; seed: number };
}

/**
 * Reads all settings. An empty variable counts as absent.
 * @throws SettingsError with every problem found
 */
export function readSettings(env: Record<string, string | undefined> = process.env): Settings {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value?.trim()) set[name] = value.trim();
  const problems = misspelledSettings(Object.keys(set), [...settingNames, ...temporalSettingNames]);
  const inFiles = readSecretFiles(set);
  problems.push(...inFiles.problems);
  Object.assign(set, inFiles.values);

  const parsed = z.object(variables).safeParse(set);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const instances = collect(problems, () => instancesOf(set));
  const temporal = collect(problems, () => temporalSettings(set));
  const auditKeys = collect(problems, () => auditKeysIn(set));
  const connectionKeys = collect(problems, () => connectionKeysIn(set)) ?? [];
  if (set.HEALTH_ADDRESS !== undefined && set.HEALTH_PORT !== undefined)
    problems.push('HEALTH_ADDRESS and HEALTH_PORT are both set: use only one of them');
  const pages = parsed.success ? collect(problems, () => pageSettings(parsed.data)) : undefined;
  const mail = parsed.success ? collect(problems, () => mailSettings(parsed.data)) : undefined;
  const insecure = parsed.success
    ? collect(problems, () => allowedInsecure(parsed.data, temporal ?? null, set))
    : undefined;
  if (!parsed.success || pages === undefined || insecure === undefined || problems.length > 0)
    throw new SettingsError(problems);

  const { data } = parsed;
  return {
    dataDir: resolve(data.DATA_DIR),
    mongo: { uri: data.MONGODB_URI ?? null, database: data.MONGODB_DATABASE, auditKeys: auditKeys ?? [] },
    temporal: temporal ?? null,
    taskQueue: data.TASK_QUEUE,
    instances: instances ?? (connectionKeys.length > 0 ? [] : null),
    connectionKeys,
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
      bulkFrom: data.SYNC_BULK_FROM,
      webhookGraceMs: data.WEBHOOK_GRACE_SECONDS * 1_000,
    },
    freshWithinMs: data.FRESH_WITHIN_MINUTES * MINUTE_MS,
    noticeUrl: data.NOTICE_URL ?? null,
    mail: mail ?? null,
    unlockByHand: data.UNLOCK_BY_HAND,
    insecure,
    allowLocalStore: data.ALLOW_LOCAL_STORE,
    worker: {
      logLevel: data.LOG_LEVEL,
      metricsAddress: data.METRICS_ADDRESS ?? null,
      health: healthAddress(data.HEALTH_ADDRESS, data.HEALTH_PORT),
      graceSeconds: data.SHUTDOWN_GRACE_SECONDS,
      deployment: workerVersion(data),
    },
    telemetry: telemetrySettings(data),
    web: {
      ...addressOf(data.WEB_ADDRESS),
      ...{ webhooksPerSecond: data.WEBHOOKS_PER_SECOND, drainMs: data.WEB_DRAIN_SECONDS * 1_000 },
      ...{ idleMs: data.WEB_IDLE_MINUTES * MINUTE_MS, healthToken: data.HEALTH_TOKEN ?? null },
      ...pages,
    },
    standIn: { charts: data.STAND_IN_CHARTS, seed: data.STAND_IN_SEED },
  };
}

type Data = z.infer<z.ZodObject<typeof variables>>;

/** Returns the insecure connections that settings allow. @throws SettingsError with the others */
function allowedInsecure(
  data: Data,
  temporal: TemporalSettings | null,
  set: Record<string, string>,
): InsecureConnection[] {
  const found = insecureConnections({
    mongoUri: data.MONGODB_URI ?? null,
    temporal,
    temporalUnverified: /^(?:true|1)$/i.test(set.TEMPORAL_TLS_DISABLE_HOST_VERIFICATION ?? ''),
    noticeUrl: data.NOTICE_URL ?? null,
    metricsAddress: data.METRICS_ADDRESS ?? null,
    webMetricsAddress: data.WEB_METRICS_ADDRESS ?? null,
    tracesUrl: telemetrySettings(data).tracesUrl,
  });
  const allowed: Record<string, boolean> = {
    MONGODB_INSECURE: data.MONGODB_INSECURE,
    TEMPORAL_INSECURE: data.TEMPORAL_INSECURE,
    NOTICE_INSECURE: data.NOTICE_INSECURE,
    METRICS_INSECURE: data.METRICS_INSECURE,
    TRACES_INSECURE: data.TRACES_INSECURE,
  };
  refuseInsecure(found, (setting) => allowed[setting] === true);
  return found;
}
