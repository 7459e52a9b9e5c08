import { addDays, instantOf, utcDay } from './time.ts';

/* Days as `YYYY-MM-DD` and months as `YYYY-MM`. */

/** Returns true for a day of the calendar between the years 1970 and 9998. */
export function isDay(text: string): boolean {
  if (!/^(19[7-9]\d|[2-8]\d{3}|9[0-8]\d{2}|99[0-8]\d|999[0-8])-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && utcDay(at) === text;
}

/** Returns the day `days` days later (earlier if negative). */
export function shiftDay(day: string, days: number): string {
  return utcDay(addDays(instantOf(day), days));
}

/** Returns the earlier of two days. */
export function earlierDay(one: string, other: string): string {
  return [one, other].sort()[0] ?? one;
}

/** Returns the later of two days. */
export function laterDay(one: string, other: string): string {
  return [one, other].sort()[1] ?? one;
}

/** Returns the month of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** Returns the first and the last day of a month. */
export function monthDays(month: string): { first: string; last: string } {
  const first = `${month}-01`;
  // No month has more than 31 days.
  const nextMonth = monthOf(shiftDay(first, 31));
  return { first, last: shiftDay(`${nextMonth}-01`, -1) };
}

/** Returns the weeks of a month, from Sunday to Saturday; null for days of other months. */
export function monthWeeks(month: string): (string | null)[][] {
  const { first, last } = monthDays(month);
  const weeks: (string | null)[][] = [];
  for (let sunday = shiftDay(first, -weekday(first)); sunday <= last; sunday = shiftDay(sunday, 7)) {
    weeks.push(
      Array.from({ length: 7 }, (_, n) => shiftDay(sunday, n)).map((day) => (monthOf(day) === month ? day : null)),
    );
  }
  return weeks;
}

/** Returns 0 for Sunday to 6 for Saturday. */
function weekday(day: string): number {
  return instantOf(day).getUTCDay();
}
