/** The three ways in which KIPU writes a date: a day, a day with a time, ISO 8601 with an offset. */
export type DateForm = 'day' | 'time' | 'offset';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * Writes an instant as KIPU does. `day` and `time` are of UTC; `offset` is local time of the given offset.
 * @param offsetMinutes minutes east of UTC, used by `offset` only
 */
export function writeDate(at: Date, form: DateForm, offsetMinutes: number): string {
  if (form === 'day') return utcDay(at);
  if (form === 'time') return at.toISOString().slice(0, 19).replace('T', ' ');
  const local = new Date(at.getTime() + offsetMinutes * MINUTE).toISOString().slice(0, 19);
  const span = Math.abs(offsetMinutes);
  const hours = String(Math.floor(span / 60)).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${hours}:${String(span % 60).padStart(2, '0')}`;
}

/** The calendar day of an instant in UTC, `YYYY-MM-DD`. */
export function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Reads what `writeDate` writes; null for everything else. A time without an offset is of UTC. */
export function readDate(text: unknown): Date | null {
  if (typeof text !== 'string') return null;
  const plain = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  const at = new Date(plain);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The instant without its milliseconds: KIPU writes seconds. */
export function wholeSecond(at: Date | number): Date {
  return new Date(Math.floor(Number(at) / 1000) * 1000);
}
