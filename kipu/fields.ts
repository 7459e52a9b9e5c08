import { z } from 'zod';
import { parseDate } from './dates.ts';

const CASEFILE_ID = /^(\d{1,20}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A casefile id in its one spelling, and its two parts. */
export interface CasefileId {
  /** `<number>:<uuid>` in small letters. */
  casefileId: string;
  /** The chart at its location, the part before the colon. */
  patientNumber: string;
  /** The person over all stays, the part behind the colon. */
  masterId: string;
}

/**
 * Reads a casefile id, letters in any case, blanks around it allowed; null for any other text. Small letters are its one
 * spelling here, so that one chart never has two records.
 */
export function parseCasefileId(text: string): CasefileId | null {
  const casefileId = text.trim().toLowerCase();
  const [, patientNumber = '', masterId = ''] = CASEFILE_ID.exec(casefileId) ?? [];
  return masterId === '' ? null : { casefileId, patientNumber, masterId };
}

/** Text or a number, as text. A number too large to be exact is refused, because JSON has already changed it. */
const scalar = z.union([
  z.string(),
  z
    .number()
    .refine((n) => Number.isSafeInteger(n) || (Number.isFinite(n) && !Number.isInteger(n)))
    .transform(String),
]);

/** Text as KIPU has it, half characters replaced as MongoDB would; null where there is nothing but blanks. */
export const rawText = scalar
  .nullish()
  .transform((text) => (text == null || text.trim() === '' ? null : text.toWellFormed()));

/** Text without the blanks round it; null where nothing is left. */
export const text = rawText.transform((raw) => raw?.trim() ?? null);

/** A date in a canonical form of `parseDate`; null where there is none. */
export const date = rawText.transform((raw, context) => {
  const parsed = parseDate(raw ?? '');
  if (parsed.ok) return parsed.date;
  context.issues.push({ code: 'custom', message: 'not a date', input: undefined });
  return z.NEVER;
});

/** A day as KIPU writes it, whatever time or offset stands behind it: a date of birth is the same day everywhere. */
export const day = rawText.transform((raw, context) => {
  const parsed = parseDate(raw ?? '');
  if (parsed.ok) return parsed.date === null ? null : (raw ?? '').trim().slice(0, 10);
  context.issues.push({ code: 'custom', message: 'not a date', input: undefined });
  return z.NEVER;
});

/** Whole number from 0 on, also as text; null for anything else. For pagination, where a strange value is no fault. */
export const count = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value))
  .pipe(z.number().int().nonnegative().nullable().catch(null));

/** Truth in the ways that Rails and JSON write it; absent means true. */
export const enabled = z
  .union([z.boolean(), scalar])
  .nullish()
  .transform((value) => !/^(false|f|0|no|n|off)$/i.test(String(value ?? true).trim()));

/** A casefile id in its one spelling; see `parseCasefileId`. */
export const casefileId = z.string().transform((raw, context) => {
  const parsed = parseCasefileId(raw);
  if (parsed !== null) return parsed.casefileId;
  context.issues.push({ code: 'custom', message: 'not a casefile id', input: undefined });
  return z.NEVER;
});

/** Returns the person's id over all stays: the part of a casefile id behind the colon. */
export function masterIdOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
