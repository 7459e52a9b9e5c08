import { z } from 'zod';
import { ROUTE_NAMES } from './routes.ts';

const TIMER_MS = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const locations = z.array(z.string().min(1)).nullable().default(null);

const schema = z.strictObject({
  /**
   * Rows of the census: `plain` has no clinical field; `bare` lacks `last_updated_at` too; `chart` has every field of the
   * chart at `phi_level=high`; `partial` lacks some of those; `stale` has the destination as it was before its last
   * change; `blank` and `blank-without-ids` have every field empty, in every list of patients.
   */
  rows: z.enum(['plain', 'bare', 'chart', 'partial', 'stale', 'blank', 'blank-without-ids']),
  /** The only digest that signatures may have. */
  digest: z.enum(['both', 'sha1', 'sha256']),
  /** One form for all dates; `mixed` leaves each chart its own. */
  timestamps: z.enum(['mixed', 'day', 'time', 'offset']),
  /** IANA zone of local midnight and of offsets; null is the instance's own. */
  timeZone: z.string().refine(isTimeZone, { message: 'is no IANA time zone, such as America/Denver' }).nullable(),
  /** Levels of care begin with `UR LOC: `. */
  levelPrefix: z.boolean(),
  /** Whether charts that say TEST exist. */
  placeholders: z.boolean(),
  /** Numbers as strings; null is the instance's own way. */
  numbersAsText: z.boolean().nullable(),
  /** Casefiles come twice in a list, on one page and over a page boundary. */
  rowsTwice: z.boolean(),
  /** This share of the charts (0 to 1) is missing from the lists, always the same charts. */
  vanished: z.number().min(0).max(1),
  /** Endpoints that answer 410. */
  endpointsOff: z.array(z.enum(ROUTE_NAMES)),
  /** Whether the client was made inactive: every call is refused. */
  inactive: z.boolean(),
  /** How far the instance's clock is ahead. */
  clockOffMs: z.number().int(),
  /** Added to every answer. */
  latencyMs: TIMER_MS,
  /** Calls beyond so many in a clock minute get 429, with `Retry-After` unless it is null. */
  rateLimit: z
    .strictObject({ perMinute: z.number().int().min(0), retryAfterSeconds: z.number().int().min(0).nullable() })
    .nullable(),
  /** How the UUID in a casefile id is written; `mixed` is upper case in the census, the vault and webhooks only. */
  casefileCase: z.enum(['lower', 'upper', 'mixed']),
  /** Ids or names of the locations that have each webhook switched on; null is all of them. */
  webhookLocations: z.strictObject({ 'patient-creation': locations, 'chart-update': locations }),
});

/** What one instance does where the facts of KIPU are open or differ. */
export type InstanceSettings = z.infer<typeof schema>;

const patch = schema.partial();
export type SettingsPatch = z.input<typeof patch>;

/** Changes for all instances, and then for single ones. */
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

/** Sets what the plan names. Throws Error, and changes nothing, where it cannot be followed. */
export function configure(instances: readonly { name: string; settings: InstanceSettings }[], plan: unknown): void {
  const parsed = settingsPlan.safeParse(plan);
  if (!parsed.success) throw new Error(`these settings cannot be followed: ${z.prettifyError(parsed.error)}`);
  const { all = {}, instances: single = {} } = parsed.data;
  const unknown = Object.keys(single).find((name) => !instances.some((instance) => instance.name === name));
  if (unknown !== undefined) throw new Error(`no instance is called ${unknown}`);
  for (const instance of instances) {
    const own = Object.hasOwn(single, instance.name) ? single[instance.name] : {};
    instance.settings = { ...instance.settings, ...given(all), ...given(own ?? {}) };
  }
}

/** Leaves out what is undefined. */
function given(values: Partial<InstanceSettings>): Partial<InstanceSettings> {
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
