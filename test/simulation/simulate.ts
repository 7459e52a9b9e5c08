import { installClock } from './clock.ts';
import { answerRequests } from './kipuConnection.ts';
import { type Plan, START } from './plan.ts';
import { EndlessError, Scheduler } from './scheduler.ts';
import { World } from './world.ts';

export interface Outcome {
  seed: number;
  problems: string[];
  simulatedHours: number;
  steps: number;
  runs: number;
  records: number;
  /** The documents at the end, by collection, and the charts. */
  world: World;
}

/**
 * Simulates a plan from its first chart to a quiet end, and returns what is wrong. `workflows` are others than those of the
 * service.
 */
export async function simulate(
  plan: Plan,
  { trace, workflows }: { trace?: ((line: string) => void) | undefined; workflows?: object | undefined } = {},
): Promise<Outcome> {
  const scheduler = new Scheduler(plan.seed, START);
  const uninstall = installClock(scheduler);
  const rejected: string[] = [];
  const onRejection = (error: unknown) => rejected.push(`a promise was rejected and nobody awaits it: ${error}`);
  process.on('unhandledRejection', onRejection);
  try {
    const world = new World(plan, scheduler);
    if (trace !== undefined) world.traceTo(trace);
    if (workflows !== undefined) world.server.workflows = workflows as never;
    await world.run().catch((error: unknown) => {
      if (!(error instanceof EndlessError)) throw error;
      rejected.push(error.message);
    });
    return { ...world.outcome(), problems: [...new Set([...world.invariants.problems, ...rejected])] };
  } finally {
    process.off('unhandledRejection', onRejection);
    answerRequests(null);
    uninstall();
  }
}
