import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';

/** Reads the instance's own locations, so that a move between them does not become a referral. Returns how many KIPU lists. */
export function readLocations(context: ActivityContext) {
  return async ({ instance }: { instance: string }): Promise<{ calls: number; listed: number }> => {
    const names = await readNames(context, instance);
    return { calls: attemptNumber(), listed: names.length };
  };
}

/** Returns the names of the instance's own locations. Reads them from KIPU where a webhook came before the first run. */
export async function ownLocations(
  context: ActivityContext,
  instance: string,
): Promise<{ names: string[]; calls: number }> {
  const kept = await context.store.instances.locations(instance);
  return kept.length > 0 ? { names: kept, calls: 0 } : { names: await readNames(context, instance), calls: 1 };
}

/** Reads the names of the instance's locations from KIPU and stores them. One call. */
async function readNames(context: ActivityContext, instance: string): Promise<string[]> {
  const locations = await requireInstance(context, instance).kipu.locations({ signal: cancellationSignal() });
  const names = locations.map(({ name }) => name).filter((name) => name !== '');
  await context.store.instances.keepLocations(instance, names);
  return names;
}
