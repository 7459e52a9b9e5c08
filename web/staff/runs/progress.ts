import type { RunCounts } from '../../../domain/run.ts';
import type { RunDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../context.ts';
import { readProgress } from '../context.ts';

/** How long a sync that was requested is shown before its run starts. */
const REQUESTED_MS = 60_000;
const MAX_EVENTS = 50;

/** An instance with a sync that is running or was just requested. */
export interface Progress {
  instance: string;
  /** Null before it starts. */
  run: RunDocument | null;
  /** What it has counted so far; null when no worker answers. */
  counts: RunCounts | null;
}

/** Returns the syncs of these instances that are running or requested. `latest` are their newest runs. */
export async function progressOf(
  staff: StaffContext,
  instances: readonly string[],
  latest: readonly RunDocument[],
): Promise<Progress[]> {
  const { store, now } = staff;
  const running = latest.filter(({ status }) => status === 'running');
  const since = now().getTime() - REQUESTED_MS;
  const requests = (
    await store.auditEvents.list({ what: 'sync-requested', since: new Date(since) }, MAX_EVENTS)
  ).filter(
    ({ what, outcome, at }) => what === 'sync-requested' && !outcome.startsWith('not sent') && at.getTime() >= since,
  );
  const waiting = instances.filter((instance) => {
    const [last] = requests.filter((event) => event.instance === instance);
    return last !== undefined && !latest.some((run) => run.instance === instance && run.startedAt >= last.at);
  });
  return [
    ...(await Promise.all(
      running.map(async (run) => ({ instance: run.instance, run, counts: await readProgress(staff, run.workflowId) })),
    )),
    ...waiting.filter((instance) => !running.some((run) => run.instance === instance)).map(requested),
  ];
}

function requested(instance: string): Progress {
  return { instance, run: null, counts: null };
}
