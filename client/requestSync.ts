import type { Client } from '@temporalio/client';
import type { Store } from '../store/connect.ts';
import type { RunDocument } from '../store/documents.ts';
import { progressQuery } from '../workflows/messages.ts';
import { triggerRun } from './schedules.ts';
import { knownRuns, type RunProgress, waitForRuns } from './waitForRuns.ts';

/** Starts a run of each instance by its schedule, and gives the runs when all have ended. */
export async function requestSync(
  client: Client,
  store: Store,
  instances: readonly string[],
  onProgress: (progress: RunProgress[]) => void,
  signal: AbortSignal,
): Promise<RunDocument[]> {
  const known = await knownRuns(store, instances);
  for (const instance of instances) await triggerRun(client, instance);
  const withCounts = async (progress: RunProgress[]) =>
    onProgress(await Promise.all(progress.map((one) => countedSoFar(client, one))));
  return waitForRuns(store, known, instances, withCounts, { signal });
}

/** A run's document has its counts only when it ends; until then its workflow knows them. */
async function countedSoFar(client: Client, progress: RunProgress): Promise<RunProgress> {
  const { run } = progress;
  if (run === null || run.status !== 'running') return progress;
  try {
    return {
      ...progress,
      run: { ...run, counts: await client.workflow.getHandle(run.workflowId).query(progressQuery) },
    };
  } catch {
    // It has just ended, or no worker answers: the next look tells more.
    return progress;
  }
}
