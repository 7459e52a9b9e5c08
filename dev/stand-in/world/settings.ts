import { z } from 'zod';

/** KIPU's endpoints, by the names that settings, faults and the log of calls use. */
const ROUTE_NAMES = ['latest', 'census', 'chart', 'admissions', 'locations', 'vaults'] as const;
export type RouteName = (typeof ROUTE_NAMES)[number];

const TIMER_MS = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const locations = z.array(z.string().min(1)).nullable().default(null);

const schema = z.strictObject({
  /**
   * Rows of the census: `plain` has no clinical field; `bare` has no `last_updated_at` either; `chart` has every field of
   * the chart at `phi_level=high`; `partial` leaves some of those out; `stale` has the destination from before its last
   * change; `blank` and `blank-without-ids` have every field empty, in every list of patients.
   */
  rows: z.enum(['plain', 'bare', 'chart', 'partial', 'stale', 'blank', 'blank-without-ids']),
  /** The digest that signatures must use. */
  digest: z.enum(['both', 'sha1', 'sha256']),
  /** The form of all dates; with `mixed` each chart has its own. */
  timestamps: z.enum(['mixed', 'day', 'time', 'offset']),
  /**
   * The IANA zone of local midnights, of offsets, and of discharges without an offset; null is the instance's own, with
   * discharges without an offset in UTC.
   */
  timeZone: z.string().refine(isTimeZone, { message: 'is not an IANA time zone, such as America/Denver' }).nullable(),
  /** Whether levels of care begin with `UR LOC: `. */
  levelPrefix: z.boolean(),
  /** Whether charts that say TEST exist. */
  placeholders: z.boolean(),
  /** Whether numbers are written as strings; null is the instance's own way. */
  numbersAsText: z.boolean().nullable(),
  /** Whether casefiles are listed twice, on one page and across a page boundary. */
  rowsTwice: z.boolean(),
  /** The share of the charts (0 to 1) that is missing from the lists; always the same charts. */
  vanished: z.number().min(0).max(1),
  /** Endpoints that answer 410. */
  endpointsOff: z.array(z.enum(ROUTE_NAMES)),
  /** Whether the API client is inactive: every call is refused. */
  inactive: z.boolean(),
  /** Milliseconds by which the instance's clock is ahead. */
  clockOffMs: z.number().int(),
  /** Milliseconds added to every response. */
  latencyMs: TIMER_MS,
  /** Calls beyond `perMinute` in a clock minute get 429, with `Retry-After` unless it is null. */
  rateLimit: z
    .strictObject({ perMinute: z.number().int().min(0), retryAfterSeconds: z.number().int().min(0).nullable() })
    .nullable(),
  /** How the UUID in a casefile id is written; `mixed` is upper case in the census, the vault and webhooks only. */
  casefileCase: z.enum(['lower', 'upper', 'mixed']),
  /** Ids or names of the locations for which each webhook is switched on; null is all of them. */
  webhookLocations: z.strictObject({ 'patient-creation': locations, 'chart-update': locations }),
});

/** How one instance behaves where KIPU's behavior is unknown or differs. */
export type InstanceSettings = z.infer<typeof schema>;

const patch = schema.partial();
export type SettingsPatch = z.input<typeof patch>;

/** Changes for all instances, then for single ones. */
const settingsPlan = z.strictObject({
  all: patch.optional(),
  instances: z.record(z.string(), patch).optional(),
});
export type SettingsPlan = z.input<typeof settingsPlan>;

export const DEFAULT_SETTINGS: InstanceSettings = {
  rows: 'plain',
  digest: 'both',
  timestamps: 'mixed',
  timeZone: null,
  levelPrefix: false,
  placeholders: true,
  numbersAsText: null,
  rowsTwice: false,
  vanished: 0,
  endpointsOff: [],
  inactive: false,
  clockOffMs: 0,
  latencyMs: 0,
  rateLimit: null,
  casefileCase: 'lower',
  webhookLocations: { 'patient-creation': null, 'chart-update': null },
};

/** Applies a plan. Throws Error, and changes nothing, if the plan is invalid. */
export function configure(instances: readonly { name: string; settings: InstanceSettings }[], plan: unknown): void {
  const parsed = settingsPlan.safeParse(plan);
  if (!parsed.success) throw new Error(`invalid stand-in settings: ${z.prettifyError(parsed.error)}`);
  const { all = {}, instances: single = {} } = parsed.data;
  const unknown = Object.keys(single).find((name) => !instances.some((instance) => instance.name === name));
  if (unknown !== undefined) throw new Error(`no instance is called ${unknown}`);
  for (const instance of instances) {
    const own = Object.hasOwn(single, instance.name) ? single[instance.name] : {};
    instance.settings = { ...instance.settings, ...defined(all), ...defined(own ?? {}) };
  }
}

/** Returns the values without the undefined ones. */
function defined(values: Partial<InstanceSettings>): Partial<InstanceSettings> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
