import { type RunWarning, runWarning } from '../domain/run.ts';
import type { Store } from '../store/connect.ts';

/** The warnings of an instance that stand: of its last runs, and that its census rows are not trusted. */
export async function standingWarnings(
  store: Pick<Store, 'runs' | 'instances'>,
  instance: string,
): Promise<RunWarning[]> {
  const [warnings, known] = await Promise.all([
    store.runs.standingWarnings(instance),
    store.instances.rowsCarryChart(instance),
  ]);
  const differ = known?.differs != null && warnings.every(({ code }) => code !== 'rows-differ');
  return differ ? [...warnings, runWarning('rows-differ')] : warnings;
}
