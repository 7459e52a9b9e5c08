/**
 * The master ids that texts of this repository may use. All are invented: a casefile id in public material, even in an
 * example, may belong to a person. The test of this list rejects every other id.
 */
export const INVENTED_MASTER_IDS: readonly string[] = [
  '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
  '0ff1ce00-cafe-4bad-8dad-deadbeef0000',
  'beefbeef-beef-beef-beef-beefbeefbeef',
  'feedbeef-0000-4000-8000-00000000beef',
  '11111111-2222-3333-4444-555555555555',
  '00000000-0000-4000-8000-000000000000',
  '0d9c2b4e-7f31-4a55-9c1e-3b5d7f9a1c2e',
];

/** Matches casefile ids in a text, with a plain or an encoded colon. */
export const CASEFILE_ID_TEXT = /\b\d{1,20}(?::|%3A)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gi;

/** Returns the casefile ids of a text whose master id is not on the list. */
export function notInvented(text: string): string[] {
  return Array.from(text.matchAll(CASEFILE_ID_TEXT))
    .filter(([, masterId = '']) => !INVENTED_MASTER_IDS.includes(masterId.toLowerCase()))
    .map(([id]) => id);
}
