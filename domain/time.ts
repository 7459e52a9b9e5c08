/* Durations, and days and instants in UTC. `timeZone.ts` reads dates in the local time of a place. */

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
