/* Durations, days and instants in UTC, and dates in the local time of a place. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Returns the calendar day of an instant in UTC, `YYYY-MM-DD`. */
export function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Returns the instant `days` days later (earlier if negative). */
export function addDays(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY_MS);
}

/** Returns the instant `hours` hours later. */
export function addHours(at: Date, hours: number): Date {
  return new Date(at.getTime() + hours * HOUR_MS);
}

/** Returns true for a date without a time of day. */
export function isDayOnly(date: string): boolean {
  return date.length === 10;
}

const CANONICAL = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z?)?$/;

/**
 * Returns the instant of a canonical date. A clock time without a zone is read as UTC; a day is its midnight in UTC. The true
 * instant is at most 14 hours away, since no zone is further from UTC.
 *
 * Throws RangeError, without the text, for anything else and for a day or time that does not exist: every comparison with an
 * invalid Date is false, which would hide a change or a discharge.
 */
export function instantOf(date: string): Date {
  const day = CANONICAL.exec(date)?.[1];
  const at = new Date(isDayOnly(date) || date.endsWith('Z') ? date : `${date}Z`);
  // The 30th of February would silently become a day in March.
  if (day === undefined || Number.isNaN(at.getTime()) || utcDay(at) !== day)
    throw new RangeError('not a canonical date');
  return at;
}

/** The zone in which charts are read if none is configured. */
export const DEFAULT_ZONE = 'UTC';

/** The IANA time zones of an instance: its own, and those of locations, by location id, that lie in another. */
export interface TimeZones {
  timeZone?: string | undefined;
  locationTimeZones?: Readonly<Record<string, string>> | undefined;
}

/** Returns the zone of a chart at this location. */
export function zoneAt({ timeZone, locationTimeZones = {} }: TimeZones, locationId: string | null): string {
  const own =
    locationId !== null && Object.hasOwn(locationTimeZones, locationId) ? locationTimeZones[locationId] : null;
  return own ?? timeZone ?? DEFAULT_ZONE;
}

/**
 * Returns true for the IANA name of a place, or UTC. Abbreviations are refused, even those that the database knows: `EST` has
 * no summer time there, which is not what people mean by it.
 */
export function isTimeZone(name: string): boolean {
  if (name !== DEFAULT_ZONE && !/^[A-Za-z]\w*(?:\/[\w+-]+)+$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the instant of a canonical date in the local time of the zone; for a day, the instant at which it begins. A clock time
 * that occurs twice or is skipped has two readings: the earlier one is used, because a hold too early costs a look, and a hold
 * too late lets a change through. A day whose midnight is skipped begins when the clocks are put forward.
 *
 * Throws RangeError as `instantOf` does.
 */
export function instantIn(date: string, zone: string): Date {
  const clock = instantOf(date);
  if (date.endsWith('Z')) return clock;
  // No clock is more than 14 hours from UTC, so the true instant lies between these two.
  const [before, after] = [offsetMs(clock.getTime() - DAY_MS, zone), offsetMs(clock.getTime() + DAY_MS, zone)];
  const early = clock.getTime() - Math.max(before, after);
  const late = clock.getTime() - Math.min(before, after);
  const shown = [early, late].find((at) => at + offsetMs(at, zone) === clock.getTime());
  if (shown !== undefined) return within(shown);
  return within(isDayOnly(date) ? jumpBetween(early, late, zone) : early);
}

/**
 * Returns a canonical date in the local time of the zone: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`; null stays null. Midnight is
 * returned as the day alone, because KIPU stores a day as its midnight.
 */
export function localDate(date: string | null, zone: string): string | null {
  if (date === null) return null;
  const at = instantOf(date).getTime();
  const clock = within(date.endsWith('Z') ? at + offsetMs(at, zone) : at).toISOString();
  return isDayOnly(date) || clock.startsWith('T00:00:00', 10) ? clock.slice(0, 10) : clock.slice(0, 19);
}

/** Returns how many calendar days ago a canonical date was, as people at the place count them; less than zero for a later date. */
export function daysSince(date: string, now: Date, zone: string): number {
  const dayOf = (one: string) => Date.parse((localDate(one, zone) ?? '').slice(0, 10));
  return Math.round((dayOf(now.toISOString()) - dayOf(date)) / DAY_MS);
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Returns the date, limited to the years with four digits: people type `9999-12-31` for "never". */
function within(ms: number): Date {
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
}

const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the milliseconds by which the zone's clocks are ahead of UTC at this instant. */
function offsetMs(at: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(name) ?? [];
  if (whole === undefined) throw new RangeError(`no offset of the time zone ${zone}`);
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -ms : ms;
}

/** Returns the instant between the two at which the zone's clocks are put forward. */
function jumpBetween(early: number, late: number, zone: string): number {
  const before = offsetMs(early, zone);
  let [last, first] = [early, late];
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (offsetMs(middle, zone) === before) last = middle;
    else first = middle;
  }
  return first;
}

/** Returns a time span in its largest fitting unit, rounded down: `45 s`, `12 min`, `5 h`, `3 days`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}
