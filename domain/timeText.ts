import { dayIn, instantIn, isDayOnly, localDate } from './time.ts';

/* Instants and dates as people read them: `Nov 5, 8:45 PM PST`. */

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'dayPeriod' | 'timeZoneName';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the parts of an instant on the clocks of the zone. */
function partsIn(at: Date, zone: string): Record<Part, string> {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, year: 'numeric', month: 'short', day: 'numeric' },
      ...{ hour: 'numeric', minute: '2-digit', hour12: true, timeZoneName: 'short' },
    });
    formats.set(zone, format);
  }
  // Every part of the type is in the format above.
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value])) as Record<Part, string>;
}

/**
 * Returns an instant on the clocks of the zone, with the year unless it is the year of `now` there. `named`: with the name of the
 * zone.
 */
export function instantText(at: Date, zone: string, now: Date, named = true): string {
  const { hour, minute, dayPeriod, timeZoneName } = partsIn(at, zone);
  return `${shortDay(dayIn(at, zone), dayIn(now, zone))}, ${hour}:${minute} ${dayPeriod}${named ? ` ${timeZoneName}` : ''}`;
}

/** Returns an instant in UTC to the second: `2026-11-06 04:45:52 UTC`. */
export function utcText(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Returns a day in full: `Nov 20, 1991`. A time behind the day is dropped, as for a date of birth. */
export function dayText(day: string): string {
  const { month, day: n, year } = partsIn(new Date(`${day.slice(0, 10)}T00:00:00Z`), 'UTC');
  return `${month} ${n}, ${year}`;
}

/**
 * Returns a canonical date of a chart in the zone of its location: `Nov 5`, or `Nov 5, 8:45 PM PST` where there is a time of day.
 * It has the year unless it is the year of `now`. A clock time without a zone is shown as it is, even one that the clocks skip.
 * `named`: with the name of the zone.
 * @throws RangeError for anything else
 */
export function chartDateText(date: string, zone: string, now: Date, named = true): string {
  const at = instantIn(date, zone);
  const local = localDate(date, zone) ?? date;
  const day = shortDay(local.slice(0, 10), dayIn(now, zone));
  if (isDayOnly(local)) return day;
  const { hour, minute, dayPeriod } = partsIn(new Date(`${local}Z`), 'UTC');
  return `${day}, ${hour}:${minute} ${dayPeriod}${named ? ` ${partsIn(at, zone).timeZoneName}` : ''}`;
}

/** Returns true if the date is later than now where the chart is: the event is planned. */
export function isPlanned(date: string | null, zone: string, now: Date): boolean {
  return date !== null && instantIn(date, zone) > now;
}

/** Returns a day, with the year unless today is in it. */
function shortDay(day: string, today: string): string {
  const full = dayText(day);
  return day.slice(0, 4) === today.slice(0, 4) ? full.slice(0, full.indexOf(',')) : full;
}
