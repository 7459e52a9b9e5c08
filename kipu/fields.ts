import { z } from 'zod';

const CASEFILE_ID = /^(\d{1,20}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A casefile id in canonical form, and its two parts. */
export interface CasefileId {
  /** `<number>:<uuid>` in small letters. */
  casefileId: string;
  /** The part before the colon: the chart at its location. */
  patientNumber: string;
  /** The part after the colon: the person, over all stays. */
  masterId: string;
}

/**
 * Parses a casefile id in letters of any case, with blanks around it; returns null for any other text. Its canonical form is
 * in small letters, so that one chart never has two records.
 */
export function parseCasefileId(text: string): CasefileId | null {
  const casefileId = text.trim().toLowerCase();
  const [, patientNumber = '', masterId = ''] = CASEFILE_ID.exec(casefileId) ?? [];
  return masterId === '' ? null : { casefileId, patientNumber, masterId };
}

/** Text or a number, as text. A number too large to be exact is refused, because parsing has already changed it. */
const scalar = z.union([
  z.string(),
  z
    .number()
    .refine((n) => Number.isSafeInteger(n) || (Number.isFinite(n) && !Number.isInteger(n)))
    .transform(String),
]);

/** Text as KIPU sends it, with lone surrogates replaced as MongoDB would do; null for blank text. */
export const rawText = scalar
  .nullish()
  .transform((text) => (text == null || text.trim() === '' ? null : text.toWellFormed()));

/** Text without surrounding blanks; null if nothing is left. */
export const text = rawText.transform((raw) => raw?.trim() ?? null);

/** A date in a canonical form of `parseDate`; null for no date. */
export const date = rawText.transform((raw, context) => {
  const parsed = parseDate(raw ?? '');
  if (parsed.ok) return parsed.date;
  context.issues.push({ code: 'custom', message: 'not a date', input: undefined });
  return z.NEVER;
});

/** A day as KIPU writes it. A time or offset after it is ignored: a date of birth is the same day everywhere. */
export const day = rawText.transform((raw, context) => {
  const parsed = parseDate(raw ?? '');
  if (parsed.ok) return parsed.date === null ? null : (raw ?? '').trim().slice(0, 10);
  context.issues.push({ code: 'custom', message: 'not a date', input: undefined });
  return z.NEVER;
});

/** A whole number from 0 up, also as text; null for anything else. For pagination, where an odd value is not an error. */
export const count = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value))
  .pipe(z.number().int().nonnegative().nullable().catch(null));

/** A boolean in any form that Rails and JSON use; true if absent. */
export const enabled = z
  .union([z.boolean(), scalar])
  .nullish()
  .transform((value) => !/^(false|f|0|no|n|off)$/i.test(String(value ?? true).trim()));

/** A casefile id in canonical form; see `parseCasefileId`. */
export const casefileId = z.string().transform((raw, context) => {
  const parsed = parseCasefileId(raw);
  if (parsed !== null) return parsed.casefileId;
  context.issues.push({ code: 'custom', message: 'not a casefile id', input: undefined });
  return z.NEVER;
});

/** Returns the id of the person over all stays: the part of a casefile id after the colon. */
export function masterIdOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** `date` is one of the three canonical texts below, or null for "no date". */
export type ParsedDate = { ok: true; date: string | null } | { ok: false };

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?$/i;
const NO_DATE = '0000-00-00';
const UNREADABLE: ParsedDate = { ok: false };

/**
 * Parses a date as KIPU writes it, and returns it in one of three canonical forms:
 * - `YYYY-MM-DD`: a day;
 * - `YYYY-MM-DDTHH:MM:SS`: local time, zone unknown (a fraction is dropped);
 * - `YYYY-MM-DDTHH:MM:SS.sssZ`: an instant, converted to UTC (cut to milliseconds).
 *
 * Empty text and `0000-00-00` mean no date. Days and times that do not exist, and any other form, are not ok.
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
  // Outside of the years 1 to 9999 the text has another form.
  return /^(?!0000)\d{4}-/.test(date) ? { ok: true, date } : UNREADABLE;
}

function dayExists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const longest = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= longest;
}

/** Returns the milliseconds ahead of UTC; null for an offset that no place has (they range from -12:00 to +14:00). */
function offsetMs(zone: string): number | null {
  if (/^(Z|UTC)$/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > 14 * 60) return null;
  return (zone.startsWith('-') ? -total : total) * 60_000;
}
