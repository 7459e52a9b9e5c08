import { parseCasefileId } from '../../kipu/index.ts';

const DEEPEST = 6;

/** Keys that name a chart, without regard to case, `_` and `-`. */
const NAMES_CHART = new Set(['casefileid']);

/** Keys under which the chart itself may lie: its own `id`, or a bare text, then names it. */
const IS_CHART = new Set(['casefile', 'chart', 'patient', 'episode', 'record', 'resource', 'object', 'data']);

/** Keys under which a sender may wrap what it tells. */
const WRAPS = new Set([
  ...IS_CHART,
  ...['payload', 'event', 'body', 'message', 'detail', 'details', 'attributes', 'webhook'],
]);

/**
 * Finds the casefile id in a webhook's body. What KIPU sends is not documented, so several spellings and nestings are
 * read, and arrays of one. Returned in its one spelling, small letters. Null when there is none of the form
 * `<number>:<uuid>`, and when there are two different ones.
 */
export function chartIdentity(body: unknown): string | null {
  const found = new Set<string>();
  look(body, false, 0);
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;

  function look(at: unknown, isChart: boolean, depth: number): void {
    if (typeof at !== 'object' || at === null || depth > DEEPEST) return;
    if (Array.isArray(at)) {
      if (at.length === 1) look(at[0], isChart, depth + 1);
      return;
    }
    for (const [spelled, value] of Object.entries(at)) {
      const key = spelled.toLowerCase().replace(/[_-]/g, '');
      if (NAMES_CHART.has(key) || IS_CHART.has(key) || (isChart && key === 'id')) note(value);
      if (WRAPS.has(key)) look(value, IS_CHART.has(key), depth + 1);
    }
  }

  function note(value: unknown): void {
    const id = typeof value === 'string' ? parseCasefileId(value) : null;
    if (id !== null) found.add(id.casefileId);
  }
}
