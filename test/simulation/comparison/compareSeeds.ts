import type { PatientState } from '../../../workflows/messages.ts';
import { simulate } from '../simulate.ts';
import type { World } from '../world.ts';
import { type ComparablePlan, comparablePlanOf } from './comparablePlan.ts';
import { differences, type End, endOf } from './endOf.ts';
import { startRealServer } from './realServer.ts';
import { runOnServer } from './runOnServer.ts';
import { patientWorkflow, syncWorkflow } from './shortWorkflows.ts';

export interface Comparison {
  seed: number;
  /** What is wrong in the simulation, and where the two ends differ. */
  problems: string[];
}

const short = { patientWorkflow, syncWorkflow };

/**
 * Simulates plans, and then runs them on Temporal's server: the simulation replaces the clock of this process.
 * Ends early where a plan does not come to its end on the server.
 */
export async function compareSeeds(
  seeds: readonly number[],
  onCompared: (comparison: Comparison) => boolean = () => true,
): Promise<Comparison[]> {
  const simulated: { plan: ComparablePlan; end: End; problems: string[] }[] = [];
  for (const seed of seeds) {
    const plan = comparablePlanOf(seed);
    const { world, problems } = await simulate(plan, { workflows: plan.isShort ? short : undefined });
    simulated.push({ plan, problems, end: endOf(world.database, statesOf(world)) });
  }
  const comparisons: Comparison[] = [];
  const server = await startRealServer();
  try {
    for (const { plan, end, problems } of simulated) {
      // The server cannot be used for another plan where one does not come to its end.
      let isUsable = true;
      const real = await runOnServer(server, plan).catch((error: unknown) => {
        isUsable = false;
        return String(error);
      });
      const found = typeof real === 'string' ? [real] : differences(end, real);
      const comparison: Comparison = { seed: plan.seed, problems: [...problems, ...found] };
      comparisons.push(comparison);
      if (!onCompared(comparison) || !isUsable) break;
    }
  } finally {
    await server.stop();
  }
  return comparisons;
}

function statesOf({ server }: World): Map<string, PatientState> {
  return new Map(
    server
      .allRunning()
      .filter(({ type }) => type === 'patientWorkflow')
      .map(({ input, handlers }) => [
        (input as { recordId: string }).recordId,
        handlers.get('state')?.() as PatientState,
      ]),
  );
}
