/** Days and instants in UTC; `timeZone.ts` reads dates on the clocks of a place. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The calendar day of an instant in UTC, `YYYY-MM-DD`. */
export function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** The instant `days` days later (earlier when negative). */
export function addDays(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY_MS);
}

/** The instant `hours` hours later. */
export function addHours(at: Date, hours: number): Date {
  return new Date(at.getTime() + hours * HOUR_MS);
}

/** True for a date that names a day and no time of day. */
export function isDayOnly(date: string): boolean {
  return date.length === 10;
}

const CANONICAL = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z?)?$/;

/**
 * The instant that a canonical date names. A clock time without a zone is read as UTC; a day is its midnight in UTC.
 * The true instant lies within 14 hours of it, since no zone is further from UTC.
 *
 * Throws RangeError, without the text, for anything else and for a day or time that does not exist: an invalid Date
 * would answer "no" to every comparison, and so hide a change or a discharge.
 */
export function instantOf(date: string): Date {
  const day = CANONICAL.exec(date)?.[1];
  const at = new Date(isDayOnly(date) || date.endsWith('Z') ? date : `${date}Z`);
  // The 30th of February would silently become a day in March.
  if (day === undefined || Number.isNaN(at.getTime()) || utcDay(at) !== day)
    throw new RangeError('not a canonical date');
  return at;
}
