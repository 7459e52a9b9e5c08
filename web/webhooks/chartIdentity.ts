import { parseCasefileId } from '../../kipu/index.ts';

const MAX_DEPTH = 6;

/** Keys whose value is a casefile id; case, `_` and `-` are ignored. */
const NAMES_CHART = new Set(['casefileid']);

/** Keys whose value may be the chart itself: its `id`, or the text itself, is then the casefile id. */
const IS_CHART = new Set(['casefile', 'chart', 'patient', 'episode', 'record', 'resource', 'object', 'data']);

/** Keys under which a sender may nest the chart. */
const WRAPS = new Set([
  ...IS_CHART,
  ...['payload', 'event', 'body', 'message', 'detail', 'details', 'attributes', 'webhook'],
]);

/**
 * Finds the casefile id in a webhook's body. KIPU's payload is not documented, so this accepts several spellings and
 * nestings, and arrays of one. Returns the id in lower case, or null when there is no id of the form `<number>:<uuid>` or
 * there are two different ones.
 */
export function chartIdentity(body: unknown): string | null {
  const found = new Set<string>();
  look(body, false, 0);
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;

  function look(at: unknown, isChart: boolean, depth: number): void {
    if (typeof at !== 'object' || at === null || depth > MAX_DEPTH) return;
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
