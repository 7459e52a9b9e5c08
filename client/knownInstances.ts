import type { Store } from '../store/connect.ts';

/** Returns the names of all instances: those of the settings, and those that were ever synced. */
export async function knownInstances({
  store,
  instances,
}: {
  store: { instances: Pick<Store['instances'], 'names'> };
  instances: readonly { name: string }[];
}): Promise<string[]> {
  return [...new Set([...instances.map(({ name }) => name), ...(await store.instances.names())])];
}
