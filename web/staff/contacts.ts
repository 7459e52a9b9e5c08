import type { RecordDocument } from '../../store/documents.ts';
import type { StaffContext } from './context.ts';

/** Returns whom to ask about a record, as an administrator entered it for its location; null for nobody. */
export type ContactOf = (record: Pick<RecordDocument, 'instance' | 'chart'>) => string | null;

/** Reads whom to ask at the locations of these instances. */
export async function readContacts(
  { store }: Pick<StaffContext, 'store'>,
  instances: readonly string[],
): Promise<ContactOf> {
  const known = await store.instances.contacts(instances);
  return ({ instance, chart }) =>
    known.get(instance)?.find(({ location }) => location === chart?.locationName)?.who ?? null;
}

/** Returns whom to ask, as every list says it. */
export function askText(who: string): string {
  return `Ask: ${who}`;
}
