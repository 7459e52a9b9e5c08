import type { PatientState } from '../../../workflows/messages.ts';
import { simulate } from '../simulate.ts';
import type { World } from '../world.ts';
import { type ComparablePlan, comparablePlanOf } from './comparablePlan.ts';
import { differences, type End, endOf } from './endOf.ts';
import { type RealServer, startRealServer } from './realServer.ts';
import { runOnServer } from './runOnServer.ts';
import { patientWorkflow, syncWorkflow } from './shortWorkflows.ts';

export interface Comparison {
  seed: number;
  /** What is wrong in the simulation, and where the two ends differ. */
  problems: string[];
}

const short = { patientWorkflow, syncWorkflow };

/** Simulates plans, and then runs them on Temporal's server: the simulation replaces the clock of this process. */
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
  let server: RealServer | null = null;
  try {
    for (const { plan, end, problems } of simulated) {
      server ??= await startRealServer();
      const comparison: Comparison = { seed: plan.seed, problems };
      try {
        comparison.problems = [...problems, ...differences(end, await runOnServer(server, plan))];
      } catch (error) {
        comparison.problems = [...problems, String(error)];
        await server.stop();
        server = null;
      }
      comparisons.push(comparison);
      if (!onCompared(comparison)) break;
    }
  } finally {
    await server?.stop();
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
