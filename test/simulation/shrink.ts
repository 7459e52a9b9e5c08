import type { Entry, Plan } from './plan.ts';

/** A smaller plan that still fails, and how many simulations it took. */
export interface Shrunk {
  plan: Plan;
  tried: number;
}

/**
 * Leaves out entries of a failing plan, first halves, then smaller parts, then single ones, as long as it still fails in the
 * same way. Stops after `most` simulations.
 */
export async function shrink(plan: Plan, fails: (smaller: Plan) => Promise<boolean>, most = 120): Promise<Shrunk> {
  let { entries } = plan;
  let tried = 0;
  for (let parts = 2; entries.length > 0 && tried < most; ) {
    const size = Math.ceil(entries.length / parts);
    let isSmaller = false;
    for (let from = 0; from < entries.length && tried < most; from += size) {
      const rest: Entry[] = [...entries.slice(0, from), ...entries.slice(from + size)];
      tried += 1;
      if (!(await fails({ ...plan, entries: rest }))) continue;
      entries = rest;
      isSmaller = true;
      break;
    }
    if (isSmaller) parts = Math.max(parts - 1, 2);
    else if (size <= 1) break;
    else parts = Math.min(parts * 2, entries.length);
  }
  return { plan: { ...plan, entries }, tried };
}

/** Returns what kind of problem a text is about: the same for other records, numbers and times. */
export function kindOf(problem: string): string {
  return problem
    .replace(/^after [\d.]+ h: /, '')
    .replace(/[ru]-[a-z0-9]{16}/g, '…')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replace(/\d+/g, '0');
}
