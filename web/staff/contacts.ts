import type { RecordDocument } from '../../store/documents.ts';
import type { StaffContext } from './context.ts';

/** Returns whom to ask about a record, as an administrator entered it for its location; null for nobody. */
export type ContactOf = (record: Pick<RecordDocument, 'instance' | 'chart'>) => string | null;

/** What the lists need of the locations of instances. */
interface Places {
  /** Returns the names of the instance's own locations. */
  locationsOf(instance: string): string[];
  contactOf: ContactOf;
}

/** Reads the locations of these instances, and whom to ask there. */
export async function readPlaces(
  { store }: Pick<StaffContext, 'store'>,
  instances: readonly string[],
): Promise<Places> {
  const known = await store.instances.several(instances);
  return {
    locationsOf: (instance) => known.get(instance)?.locations ?? [],
    contactOf: ({ instance, chart }) =>
      known.get(instance)?.contacts?.find(({ location }) => location === chart?.locationName)?.who ?? null,
  };
}

/** Returns whom to ask, as every list says it. */
export function askText(who: string): string {
  return `Ask: ${who}`;
}
