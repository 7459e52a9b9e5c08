import { instantOf, isDayOnly } from './time.ts';

/** The zone in which charts are read where the settings name none. */
export const DEFAULT_ZONE = 'UTC';

/** The IANA time zones of an instance: its own, and those of locations, by location id, that lie in another. */
export interface TimeZones {
  timeZone?: string | undefined;
  locationTimeZones?: Readonly<Record<string, string>> | undefined;
}

/** The zone of a chart at this location. */
export function zoneAt({ timeZone, locationTimeZones = {} }: TimeZones, locationId: string | null): string {
  const own =
    locationId !== null && Object.hasOwn(locationTimeZones, locationId) ? locationTimeZones[locationId] : null;
  return own ?? timeZone ?? DEFAULT_ZONE;
}

/**
 * True for an IANA name of a place, or UTC. An abbreviation is refused even where the database knows it: its `EST` has
 * no summer time, which is not what people mean by it.
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
 * The instant that a canonical date names on the clocks of the zone; a day is the instant at which it begins. A clock
 * time that comes twice, or that the clocks skip, has two readings: the earlier one counts, because a hold too soon costs
 * a look, and one too late lets a change through. A day whose midnight the clocks skip begins when they jump.
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
 * A canonical date as the clocks of the zone show it: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`; null stays null. Midnight
 * is shown as the day alone, because it is what KIPU makes of a day.
 */
export function localDate(date: string | null, zone: string): string | null {
  if (date === null) return null;
  const at = instantOf(date).getTime();
  const clock = within(date.endsWith('Z') ? at + offsetMs(at, zone) : at).toISOString();
  return isDayOnly(date) || clock.startsWith('T00:00:00', 10) ? clock.slice(0, 10) : clock.slice(0, 19);
}

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** The date, within the years whose texts have four digits: `9999-12-31` is sometimes typed for "never". */
function within(ms: number): Date {
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
}

const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which the zone's clocks are ahead of UTC at this instant. */
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

/** The instant between the two at which the zone's clocks are put forward. */
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
