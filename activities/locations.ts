import { type ActivityContext, cancellationSignal, requireInstance } from './context.ts';

/** Reads the names of the instance's own locations from KIPU, and keeps them. One call. */
export async function readLocationNames(context: ActivityContext, instance: string): Promise<string[]> {
  const locations = await requireInstance(context, instance).kipu.locations({ signal: cancellationSignal() });
  const names = locations.map((location) => location.name).filter((name) => name !== null);
  await context.store.instances.keepLocations(instance, names);
  return names;
}

/** The names of the instance's own locations; read from KIPU where a webhook came before any run did so. */
export async function ownLocations(
  context: ActivityContext,
  instance: string,
): Promise<{ names: string[]; calls: number }> {
  const kept = await context.store.instances.locations(instance);
  return kept.length > 0 ? { names: kept, calls: 0 } : { names: await readLocationNames(context, instance), calls: 1 };
}
