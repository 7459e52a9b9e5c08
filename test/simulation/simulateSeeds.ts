import { planOf } from './drawPlan.ts';
import type { Plan } from './plan.ts';
import { kindOf, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

/** Every so many seeds nothing fails from outside: then every run must complete. */
const UNDISTURBED = 4;

export interface Failure {
  seed: number;
  problems: string[];
  /** The smallest plan that was found which fails in the same way. */
  plan: Plan;
  /** The entries of the whole plan, and how many simulations it took to leave out the others. */
  entries: number;
  tried: number;
}

export interface Totals {
  seeds: number;
  simulatedHours: number;
  steps: number;
  runs: number;
  seconds: number;
  failure: Failure | null;
}

export interface Wanted {
  from: number;
  seeds: number;
  /** No seed begins after so many seconds. */
  withinSeconds?: number;
  shrinks?: boolean;
  onProgress?: (totals: Totals) => void;
}

export function planOfSeed(seed: number): Plan {
  return planOf(seed, { faults: seed % UNDISTURBED !== 0 });
}

/** Simulates one seed after the other until one fails, and shrinks its plan. */
export async function simulateSeeds(wanted: Wanted): Promise<Totals> {
  const startedAt = performance.now();
  const totals: Totals = { seeds: 0, simulatedHours: 0, steps: 0, runs: 0, seconds: 0, failure: null };
  for (let seed = wanted.from; seed < wanted.from + wanted.seeds; seed += 1) {
    if (totals.seconds > (wanted.withinSeconds ?? Infinity)) break;
    const plan = planOfSeed(seed);
    const { problems, simulatedHours, steps, runs } = await simulate(plan);
    totals.seeds += 1;
    totals.simulatedHours += simulatedHours;
    totals.steps += steps;
    totals.runs += runs;
    totals.seconds = (performance.now() - startedAt) / 1_000;
    wanted.onProgress?.(totals);
    const [first] = problems;
    if (first === undefined) continue;
    totals.failure = { seed, problems, plan, entries: plan.entries.length, tried: 0 };
    if (wanted.shrinks !== false) Object.assign(totals.failure, await shrunk(plan, first));
    break;
  }
  totals.seconds = (performance.now() - startedAt) / 1_000;
  return totals;
}

async function shrunk(plan: Plan, problem: string): Promise<Pick<Failure, 'plan' | 'tried' | 'problems'>> {
  const kind = kindOf(problem);
  const smaller = await shrink(plan, async (one) =>
    (await simulate(one)).problems.some((text) => kindOf(text) === kind),
  );
  return { ...smaller, problems: (await simulate(smaller.plan)).problems };
}
