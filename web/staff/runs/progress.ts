import type { RunCounts } from '../../../domain/run.ts';
import type { RunDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../options.ts';

/** A run that was asked for and has not begun is shown as such for so long. */
const SOON_MS = 60_000;
const EVENTS = 50;

/** An instance that is being synced, or is about to be. */
export interface Progress {
  instance: string;
  /** Null before it begins. */
  run: RunDocument | null;
  /** What it has counted so far; null where nobody says. */
  counts: RunCounts | null;
}

/** What goes on now, of these instances. `latest` are their newest runs. */
export async function progressOf(
  { store, actions, now }: StaffContext,
  instances: readonly string[],
  latest: readonly RunDocument[],
): Promise<Progress[]> {
  const running = latest.filter(({ status }) => status === 'running');
  const since = now().getTime() - SOON_MS;
  const asked = (await store.auditEvents.list({}, EVENTS)).filter(
    ({ what, outcome, at }) => what === 'sync-requested' && !outcome.startsWith('not sent') && at.getTime() >= since,
  );
  const waiting = instances.filter((instance) => {
    const [last] = asked.filter((event) => event.instance === instance);
    return last !== undefined && !latest.some((run) => run.instance === instance && run.startedAt >= last.at);
  });
  return [
    ...(await Promise.all(
      running.map(async (run) => ({ instance: run.instance, run, counts: await actions.progress(run.workflowId) })),
    )),
    ...waiting.filter((instance) => !running.some((run) => run.instance === instance)).map(notBegun),
  ];
}

function notBegun(instance: string): Progress {
  return { instance, run: null, counts: null };
}
