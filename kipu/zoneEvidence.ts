import type { DateShape } from './shape.ts';

/** What the dates of an instance show about its time zone: counts, offsets and names of zones, never a date. */
export interface ZoneFacts {
  /**
   * Where offsets were found: written after dates (`offsets`), or derived from admission dates that all show one or two clock
   * times in UTC, as local midnights do (`admission-midnights`). Null if there is neither.
   */
  source: 'offsets' | 'admission-midnights' | null;
  /** Different instants with an offset. */
  values: number;
  /** How many of them have each offset: `{ "-05:00": 12 }`. */
  offsets: Record<string, number>;
  /** How many have the offset of one of the configured zones; null if no zone is configured. */
  fitConfigured: number | null;
  /** The zones that fit best, at most three. `fit` is how many values have the zone's offset. Several zones may fit all values. */
  candidates: { zone: string; fit: number }[];
  /** Admission dates with a time of day, and how many of them show midnight as written. */
  admissions: { timed: number; midnight: number };
}

interface Seen {
  instant: number;
  offsetMinutes: number;
}

/** Zones that are preferred over others that fit equally well: those of the United States, then some others. */
const COMMON = [
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles', 'America/Phoenix'],
  ...['America/Anchorage', 'Pacific/Honolulu', 'America/Puerto_Rico', 'Europe/London', 'Europe/Berlin'],
  ...['Asia/Kolkata', 'Australia/Sydney'],
];
const MOST_CANDIDATES = 3;
const LEAST_MIDNIGHTS = 3;

/** Collects dates and finds the time zone that they suggest. */
export class ZoneEvidence {
  readonly #offsets = new Map<string, Seen>();
  readonly #admissions = new Map<string, DateShape>();

  /** Adds one date. Dates of birth and death are left out, because offsets of long ago say nothing about today's. */
  add(key: string, shape: DateShape, chart: string): void {
    if (key === 'dob' || key === 'date_of_death') return;
    const { form, instant, offsetMinutes } = shape;
    if (form === 'offset') this.#offsets.set(`${instant} ${offsetMinutes}`, { instant, offsetMinutes });
    if (key === 'admission_date' && form !== 'day') this.#admissions.set(chart, shape);
  }

  /** @param configured the zones that are configured */
  facts(configured: readonly string[]): ZoneFacts {
    const admissions = [...this.#admissions.values()];
    const written = [...this.#offsets.values()];
    const seen = written.length > 0 ? written : localMidnights(admissions);
    const fits = ({ instant, offsetMinutes }: Seen, zone: string) => offsetAt(instant, zone) === offsetMinutes;
    return {
      source: seen.length === 0 ? null : written.length > 0 ? 'offsets' : 'admission-midnights',
      values: seen.length,
      offsets: counted(seen.map(({ offsetMinutes }) => offsetText(offsetMinutes))),
      fitConfigured:
        configured.length === 0 ? null : seen.filter((one) => configured.some((zone) => fits(one, zone))).length,
      candidates: candidates(seen, fits),
      admissions: { timed: admissions.length, midnight: admissions.filter(({ midnight }) => midnight).length },
    };
  }
}

function candidates(seen: readonly Seen[], fits: (one: Seen, zone: string) => boolean): ZoneFacts['candidates'] {
  if (seen.length === 0) return [];
  const common = COMMON.map((zone) => ({ zone, fit: seen.filter((one) => fits(one, zone)).length }));
  const whole = common.filter(({ fit }) => fit === seen.length);
  if (whole.length > 0) return whole.slice(0, MOST_CANDIDATES);
  const others = Intl.supportedValuesOf('timeZone').filter((zone) => seen.every((one) => fits(one, zone)));
  if (others.length > 0) return others.slice(0, MOST_CANDIDATES).map((zone) => ({ zone, fit: seen.length }));
  const some = common.filter(({ fit }) => fit > 0).sort((a, b) => b.fit - a.fit);
  return some.slice(0, MOST_CANDIDATES);
}

/** Returns admissions whose clock times in UTC are so few and so round that they must be local midnights. */
function localMidnights(admissions: readonly DateShape[]): Seen[] {
  const elsewhere = admissions.filter(({ midnight }) => !midnight);
  const minutes = elsewhere.map(({ instant }) => (instant % DAY_MS) / MINUTE_MS);
  const times = [...new Set(minutes)].sort((a, b) => a - b);
  const [first = 0, last = first] = times;
  const isSummerTime = times.length === 1 || (times.length === 2 && (last - first === 60 || last - first === 23 * 60));
  if (elsewhere.length < LEAST_MIDNIGHTS || !isSummerTime || times.some((time) => time % 15 !== 0)) return [];
  return elsewhere.map(({ instant }, index) => {
    const time = minutes[index] ?? 0;
    return { instant, offsetMinutes: time <= 12 * 60 ? -time : 24 * 60 - time };
  });
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the minutes by which a zone's clocks are ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1) || 0;
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

function counted(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of [...texts].sort()) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
