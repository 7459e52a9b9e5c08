/** `date` is one of the three canonical texts below, or null for "no date". */
export type ParsedDate = { ok: true; date: string | null } | { ok: false };

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?$/i;
const NO_DATE = '0000-00-00';
const UNREADABLE: ParsedDate = { ok: false };

/**
 * A date of KIPU's as one canonical text:
 * - `YYYY-MM-DD`: a day;
 * - `YYYY-MM-DDTHH:MM:SS`: local time, zone unknown (a fraction is dropped);
 * - `YYYY-MM-DDTHH:MM:SS.sssZ`: an instant, converted to UTC (cut to milliseconds).
 *
 * Empty text and `0000-00-00` are no date. Days and times that do not exist, and any other form, are not ok.
 * KIPU sends `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` and ISO 8601 with an offset.
 */
export function parseDate(text: string): ParsedDate {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, date: null };
  const match = FORM.exec(trimmed);
  if (match === null) return UNREADABLE;
  const [, year = '', month = '', day = '', hour, minute = '', second = '00', fraction = '', zone] = match;
  const calendarDay = `${year}-${month}-${day}`;
  if (calendarDay === NO_DATE) return { ok: true, date: null };
  if (!dayExists(Number(year), Number(month), Number(day))) return UNREADABLE;
  if (hour === undefined) return { ok: true, date: calendarDay };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return UNREADABLE;
  const local = `${calendarDay}T${hour}:${minute}:${second}`;
  if (zone === undefined) return { ok: true, date: local };
  const offset = offsetMs(zone);
  return offset === null ? UNREADABLE : toInstant(`${local}.${fraction.padEnd(3, '0').slice(0, 3)}Z`, offset);
}

function toInstant(localAsUtc: string, offset: number): ParsedDate {
  const date = new Date(Date.parse(localAsUtc) - offset).toISOString();
  // Beyond years 1 to 9999 the text would have another form.
  return /^(?!0000)\d{4}-/.test(date) ? { ok: true, date } : UNREADABLE;
}

function dayExists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const longest = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= longest;
}

/** Milliseconds ahead of UTC; null where no place on earth has that offset (they end at -12:00 and +14:00). */
function offsetMs(zone: string): number | null {
  if (/^(Z|UTC)$/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > 14 * 60) return null;
  return (zone.startsWith('-') ? -total : total) * 60_000;
}
