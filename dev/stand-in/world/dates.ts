/** The three forms in which KIPU writes a date: a day, a day with a time, ISO 8601 with an offset. */
export type DateForm = 'day' | 'time' | 'offset';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * Writes an instant as KIPU does: `day` and `time` in UTC, `offset` as the local time of a zone.
 * @param timeZone an IANA name
 */
export function writeDate(at: Date, form: DateForm, timeZone: string): string {
  if (form === 'day') return utcDay(at);
  if (form === 'time') return at.toISOString().slice(0, 19).replace('T', ' ');
  const minutes = offsetMinutes(at, timeZone);
  const local = new Date(at.getTime() + minutes * MINUTE).toISOString().slice(0, 19);
  const span = Math.abs(minutes);
  const hours = String(Math.floor(span / 60)).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${hours}:${String(span % 60).padStart(2, '0')}`;
}

/** Writes an instant as a facility's clock shows it: `day` and `time` are local too, not in UTC. */
export function writeClock(at: Date, form: DateForm, timeZone: string): string {
  if (form === 'offset') return writeDate(at, form, timeZone);
  const local = new Date(at.getTime() + offsetMinutes(at, timeZone) * MINUTE);
  return writeDate(local, form, 'UTC');
}

/**
 * Writes the local midnight at the start of a local day, as KIPU writes `admission_date`: the day is the first ten
 * characters in every form. The form `time` has no zone and is local.
 * @param day `YYYY-MM-DD`
 */
export function writeLocalDay(day: string, form: DateForm, timeZone: string): string {
  if (form === 'day') return day;
  if (form === 'time') return `${day} 00:00:00`;
  return writeDate(localMidnight(day, timeZone), 'offset', timeZone);
}

/** Returns the instant of a zone's midnight at the start of a local day. */
function localMidnight(day: string, timeZone: string): Date {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const guess = new Date(utc - offsetMinutes(new Date(utc), timeZone) * MINUTE);
  return new Date(utc - offsetMinutes(guess, timeZone) * MINUTE);
}

/** Returns the calendar day of an instant in a zone, `YYYY-MM-DD`. */
export function localDay(at: Date, timeZone: string): string {
  return utcDay(new Date(at.getTime() + offsetMinutes(at, timeZone) * MINUTE));
}

/** Returns the calendar day of an instant in UTC, `YYYY-MM-DD`. */
export function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Reads what `writeDate` writes; returns null for anything else. A time without an offset is in UTC. */
export function readDate(text: unknown): Date | null {
  if (typeof text !== 'string') return null;
  const plain = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  const at = new Date(plain);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Returns the instant without its milliseconds: KIPU writes seconds. */
export function wholeSecond(at: Date | number): Date {
  return new Date(Math.floor(Number(at) / 1000) * 1000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns a zone's offset at an instant, in minutes east of UTC. */
function offsetMinutes(at: Date, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}
