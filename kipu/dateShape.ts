import { parseDate } from './dates.ts';

/** How a date is written: a day; a day with a clock time; the same in UTC; the same with an offset from UTC. */
export const dateForms = ['day', 'clock', 'utc', 'offset'] as const;
export type DateForm = (typeof dateForms)[number];

/** A date by its form. `instant` takes a clock time without a zone as UTC. */
export interface DateShape {
  form: DateForm;
  /** The clock shows 00:00:00 as written; false for a day. */
  midnight: boolean;
  instant: number;
  /** Minutes ahead of UTC; 0 unless the form is `offset`. */
  offsetMinutes: number;
}

const ZONE = /(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?)$/i;

/** Returns the shape of a date that `parseDate` reads; null where it reads none. */
export function dateShape(text: string): DateShape | null {
  const parsed = parseDate(text);
  if (!parsed.ok || parsed.date === null) return null;
  const { date } = parsed;
  const instant = Date.parse(date.length === 19 ? `${date}Z` : date);
  if (date.length === 10) return { form: 'day', midnight: false, instant, offsetMinutes: 0 };
  const trimmed = text.trim();
  const midnight = /^00:00(?::00(?:[.,]0+)?)?(?!:|\d)/.test(trimmed.slice(11));
  if (date.length === 19) return { form: 'clock', midnight, instant, offsetMinutes: 0 };
  const [, , sign, hours = '0', minutes = '0'] = ZONE.exec(trimmed) ?? [];
  const offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { form: offsetMinutes === 0 ? 'utc' : 'offset', midnight, instant, offsetMinutes: offsetMinutes || 0 };
}
