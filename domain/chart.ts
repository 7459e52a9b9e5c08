/**
 * A chart: one stay of one patient, identified by KIPU's `casefile_id`.
 *
 * Texts are as staff typed them (trimmed ends, empty is null). Dates have one of three canonical forms:
 * `YYYY-MM-DD` (a day), `YYYY-MM-DDTHH:MM:SS` (a clock time whose zone KIPU does not say) or
 * `YYYY-MM-DDTHH:MM:SS.sssZ` (an instant). The first two are read in the time zone of the chart's location.
 */
export interface Chart {
  casefileId: string;
  masterId: string;
  mrNumber: string | null;
  firstName: string | null;
  middleName: string | null;
  lastName: string | null;
  dob: string | null;
  admissionDate: string | null;
  dischargeDate: string | null;
  anticipatedDischargeDate: string | null;
  destinationId: string | null;
  destination: string | null;
  dischargeType: string | null;
  dischargeTypeCode: string | null;
  levelOfCare: string | null;
  nextLevelOfCare: string | null;
  nextLevelOfCareDate: string | null;
  program: string | null;
  locationId: string | null;
  locationName: string | null;
  insuranceCompany: string | null;
  paymentMethod: string | null;
  referrerName: string | null;
  firstContactName: string | null;
  dateOfDeath: string | null;
  createdAt: string | null;
  lastUpdatedAt: string | null;
}

/** Returns true if both charts have the same content. `lastUpdatedAt` is ignored: KIPU sets it on every save. */
export function sameContent(a: Chart | null, b: Chart): boolean {
  return a !== null && facts(a) === facts(b);
}

function facts(chart: Chart): string {
  const { lastUpdatedAt: _ignored, ...rest } = chart;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The fields that a chart needs before it is synced, in the order in which staff fill them in. */
export const requiredFields = ['firstName', 'lastName', 'dob', 'admissionDate', 'mrNumber'] as const;
export type RequiredField = (typeof requiredFields)[number];

/** Returns the required fields that are empty; none if the chart is ready. */
export function missingFields(chart: Pick<Chart, RequiredField>): RequiredField[] {
  return requiredFields.filter((field) => visibleText(chart[field]) === '');
}

/**
 * Returns true for a placeholder chart, which production instances contain for training: its record number or one of its
 * names has the word TEST, alone or with digits ("TEST", "Test 2", "TEST-01", "test patient"). Testa, Testerman and
 * Test-Miller are names of people. Ignoring a person is worse than syncing a placeholder.
 */
export function isPlaceholder(chart: Pick<Chart, 'mrNumber' | 'firstName' | 'lastName'>): boolean {
  return (
    hasWordTest(chart.mrNumber, NUMBER_BREAKS) ||
    hasWordTest(chart.firstName, NAME_BREAKS) ||
    hasWordTest(chart.lastName, NAME_BREAKS)
  );
}

const NUMBER_BREAKS = /[^\p{L}\p{M}\p{N}]+/u;
/** Hyphens and apostrophes are part of a name. */
const NAME_BREAKS = /[^\p{L}\p{M}\p{N}'\u2019\u2010\u2011-]+/u;
const WORD_TEST = /^['\u2019\u2010\u2011-]*test['\u2019\u2010\u2011\d-]*$/i;

function hasWordTest(text: string | null, breaks: RegExp): boolean {
  return visibleText(text)
    .split(breaks)
    .some((word) => WORD_TEST.test(word));
}

/**
 * Invisible characters that pasting leaves behind: soft hyphens, zero-width spaces, byte order marks, and controls of writing
 * direction. Letters of right-to-left scripts have their direction without them.
 */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Everything that looks blank: control characters and the two scripts' fillers too. */
const BLANKS = /[\s\p{Cc}\u2800\u3164\uffa0]+/gu;

/** A joiner shapes the letters on both sides (Persian, Hindi, emoji); elsewhere it has no effect and is removed. */
const STRAY_JOINER = /(?<=^|[ \u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?=$|[ \u200c\u200d])/gu;

/** A lone surrogate: MongoDB would store another text, which would look like a change. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Returns the text as people see it: without invisible characters, all blanks as one space, trimmed; '' if nothing is visible. */
export function visibleText(text: string | null): string {
  return (text ?? '')
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(BLANKS, ' ')
    .replace(STRAY_JOINER, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** The prefix of levels of care that utilization review (UR) sets. */
const PREFIX = /^(?:\s*UR\s*LOC\s*:)+\s*/i;

/** Returns a level of care without KIPU's prefix, for display: `UR LOC: IOP` becomes `IOP`. Null if nothing is left. */
export function shownLevelOfCare(levelOfCare: string | null): string | null {
  return levelOfCare?.replace(PREFIX, '').trim() || null;
}
