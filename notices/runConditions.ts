import { type Condition, RECORDS_FAILING_MS, recordsFailing, runsFailing } from '../domain/conditions.ts';
import type { Store } from '../store/connect.ts';
import { type Notifier, notifyOfConditions } from './send.ts';

/** Enough to see two runs in a row, also after runs that were canceled. */
export const RUNS_READ = 10;
const FAILING_READ = 1_000;

/** Sends notices of what the last runs of an instance show: they do not complete, or records have failed for a day. */
export async function notifyOfRuns(
  notifier: Notifier & { store: Pick<Store, 'runs' | 'records'> },
  instance: string,
): Promise<void> {
  const { store, now } = notifier;
  const by = new Date(now().getTime() - RECORDS_FAILING_MS);
  const [runs, open, failing] = await Promise.all([
    store.runs.list({ instance }, RUNS_READ),
    store.notices.open(instance),
    store.records.failingSince(instance, by, FAILING_READ),
  ]);
  const isOpen = open.some(({ kind }) => kind === 'runs-failing');
  const present: Condition[] = [
    ...runsFailing(runs, isOpen),
    ...recordsFailing(failing, failing.length === FAILING_READ),
  ];
  await notifyOfConditions(notifier, instance, ['runs-failing', 'records-failing'], present);
}
