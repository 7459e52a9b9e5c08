import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { type SyncSent, syncOutcomes } from '../domain/syncRequest.ts';
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

/** Thrown when a run was not requested, or when it is not known whether it was. */
export class RunNotRequestedError extends Error {
  override readonly name = 'RunNotRequestedError';

  constructor(instance: string, sent: Exclude<SyncSent, 'sent'>) {
    super(
      sent === 'no-schedule'
        ? `No run of ${instance} was requested: it has no schedule. Run kipu-referrals setup.`
        : `It is not known whether a run of ${instance} was requested: Temporal did not answer. Check Temporal, then look at ` +
            'kipu-referrals runs before you request it again.',
    );
  }
}

/**
 * Requests a run of an instance by its schedule, and audits the request. With `full` the run lists everything. Returns what
 * became of it and when it was made. A request that Temporal did not answer may still start a run.
 */
export async function requestSync(
  { store, client }: SyncParts,
  instance: string,
  { viewer, full = false }: SyncRequest,
): Promise<{ sent: SyncSent; at: Date }> {
  // Before it is sent: the run that follows begins after its request.
  const at = new Date();
  if (full) await store.instances.requestFull(instance, at);
  const sent = await withDeadline(client, () => triggerRun(client, instance)).then(
    (): SyncSent => 'sent',
    (error): SyncSent => (error instanceof ScheduleNotFoundError ? 'no-schedule' : 'unconfirmed'),
  );
  const outcome = {
    sent: full ? syncOutcomes.sentFull : syncOutcomes.sent,
    'no-schedule': syncOutcomes.noSchedule,
    unconfirmed: syncOutcomes.unconfirmed,
  }[sent];
  await audit(store, { at, ...viewer, what: 'sync-requested', instance, record: null, why: null, outcome });
  return { sent, at };
}

/** Requests a run of each instance. @throws RunNotRequestedError for the first that could not be requested. */
export async function requestSyncs(
  parts: SyncParts,
  instances: readonly string[],
  request: SyncRequest,
): Promise<void> {
  for (const instance of instances) {
    const { sent } = await requestSync(parts, instance, request);
    if (sent !== 'sent') throw new RunNotRequestedError(instance, sent);
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
