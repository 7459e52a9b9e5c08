import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import type { Store } from '../store/connect.ts';
import type { RunDocument } from '../store/documents.ts';
import { progressQuery } from '../workflows/messages.ts';
import { audit, type Viewer } from './audit.ts';
import { withDeadline } from './connect.ts';
import { type RunTrouble, readRunTrouble, untilClosed } from './runWorkflow.ts';
import { triggerRun } from './schedules.ts';
import { knownRuns, type RunProgress, type RunReader, waitForRuns } from './waitForRuns.ts';

/** What a run is requested with. */
export interface SyncParts {
  store: Pick<Store, 'auditEvents' | 'instances'>;
  client: Client;
}

/** Who requests a run, and whether it has to list everything. */
export interface SyncRequest {
  viewer: Viewer;
  full?: boolean;
}

/** Thrown when a run could not be requested. */
export class RunNotRequestedError extends Error {
  override readonly name = 'RunNotRequestedError';

  constructor(instance: string) {
    super(
      `No run of ${instance} was requested: Temporal does not answer, or the instance has no schedule. ` +
        'The command doctor says more.',
    );
  }
}

/**
 * Requests a run of an instance by its schedule, and audits the request. With `full` the run lists everything. Returns
 * whether the request was sent.
 */
export async function requestSync(
  { store, client }: SyncParts,
  instance: string,
  { viewer, full = false }: SyncRequest,
): Promise<boolean> {
  // Before it is sent: the run that follows begins after its request.
  const at = new Date();
  if (full) await store.instances.requestFull(instance, at);
  const outcome = await withDeadline(client, () => triggerRun(client, instance)).then(
    () => (full ? 'full run requested' : 'run requested'),
    (error) => `not sent: ${error instanceof ScheduleNotFoundError ? 'no schedule' : 'Temporal does not answer'}`,
  );
  await audit(store, { at, ...viewer, what: 'sync-requested', instance, record: null, why: null, outcome });
  return !outcome.startsWith('not sent');
}

/** Requests a run of each instance. @throws RunNotRequestedError for the first that could not be requested. */
export async function requestSyncs(
  parts: SyncParts,
  instances: readonly string[],
  request: SyncRequest,
): Promise<void> {
  for (const instance of instances) {
    if (!(await requestSync(parts, instance, request))) throw new RunNotRequestedError(instance);
  }
}

/** Requests a run of each instance, and returns the runs when all have ended. @throws RunNotRequestedError, NoRunError */
export async function syncAndWait(
  parts: SyncParts & { store: RunReader },
  instances: readonly string[],
  request: SyncRequest,
  onProgress: (progress: RunProgress[]) => void,
  signal: AbortSignal,
): Promise<RunDocument[]> {
  const { store, client } = parts;
  const known = await knownRuns(store, instances);
  await requestSyncs(parts, instances, request);
  const addFacts = withLiveFacts(client);
  const withFacts = async (progress: RunProgress[]) => onProgress(await Promise.all(progress.map(addFacts)));
  const runs = await waitForRuns(store, known, instances, withFacts, { signal });
  await Promise.all(runs.map(({ workflowId }) => untilClosed(client, workflowId)));
  return runs;
}

/** Short runs end before anybody asks for their counts, and a run that is tried again waits for a second at least. */
const COUNTS_AFTER_MS = 500;
const TROUBLE_AFTER_MS = 1_000;
/** How often Temporal is asked why a run makes no progress. */
const TROUBLE_EVERY_MS = 1_000;

/**
 * Returns a function that adds what a run has counted so far and what stops it. A run's document has its counts only when it
 * ends; until then its workflow knows them.
 */
function withLiveFacts(client: Client): (progress: RunProgress) => Promise<RunProgress> {
  const seen = new Map<string, { since: number; askedAt: number; trouble: RunTrouble | null }>();
  return async (progress) => {
    const { run, waitsFor = null } = progress;
    const active = run ?? waitsFor;
    if (active === null || active.status !== 'running') return progress;
    const now = Date.now();
    const known = seen.get(active.workflowId) ?? { since: now, askedAt: 0, trouble: null };
    seen.set(active.workflowId, known);
    if (now - known.since >= TROUBLE_AFTER_MS && now - known.askedAt >= TROUBLE_EVERY_MS) {
      known.askedAt = now;
      known.trouble = await readRunTrouble(client, active.workflowId);
    }
    const isCounted = run !== null && now - known.since >= COUNTS_AFTER_MS;
    return { ...progress, run: isCounted ? await countedSoFar(client, run) : run, trouble: known.trouble };
  };
}

async function countedSoFar(client: Client, run: RunDocument): Promise<RunDocument> {
  try {
    return { ...run, counts: await client.workflow.getHandle(run.workflowId).query(progressQuery) };
  } catch {
    // The run has just ended, or no worker answers: the next poll reads it again.
    return run;
  }
}
