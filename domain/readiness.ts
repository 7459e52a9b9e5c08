import type { Chart } from './chart.ts';
import { visibleText } from './text.ts';

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
