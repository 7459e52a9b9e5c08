import type { RunCounts } from '../../../domain/run.ts';
import { LONGEST_NEWS_MS, type SyncNews, syncNews } from '../../../domain/syncRequest.ts';
import type { RunDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../context.ts';
import { readProgress } from '../context.ts';

const MAX_EVENTS = 50;

/** An instance with a sync that is running or was just requested. */
export interface Progress {
  instance: string;
  /** Null before it starts. */
  run: RunDocument | null;
  /** What it has counted so far; null when no worker answers. */
  counts: RunCounts | null;
}

/** What the page says about an instance's last request for a sync. */
export interface RequestNews {
  instance: string;
  news: Exclude<SyncNews, 'starting' | null>;
}

/** The syncs of these instances that are running or requested, and what became of requests. */
export interface SyncProgress {
  progress: Progress[];
  news: RequestNews[];
}

/** Returns the syncs that are running or requested, and what became of requests. `latest` are the newest runs. */
export async function progressOf(
  staff: StaffContext,
  instances: readonly string[],
  latest: readonly RunDocument[],
): Promise<SyncProgress> {
  const { store, now } = staff;
  const at = now();
  const since = new Date(at.getTime() - LONGEST_NEWS_MS);
  const events = (await store.auditEvents.list({ what: 'sync-requested', since }, MAX_EVENTS)).filter(
    ({ what }) => what === 'sync-requested',
  );
  const known = instances.map((instance) => {
    const ofInstance = latest.filter((run) => run.instance === instance);
    const lastStartedAt = ofInstance.reduce<Date | null>(
      (last, { startedAt }) => (last === null || startedAt > last ? startedAt : last),
      null,
    );
    const last = events.find((event) => event.instance === instance);
    return { instance, news: syncNews(last, lastStartedAt, at) };
  });
  const running = latest.filter(({ status }) => status === 'running');
  const starting = known.filter(
    ({ instance, news }) => news === 'starting' && !running.some((run) => run.instance === instance),
  );
  return {
    progress: [
      ...(await Promise.all(
        running.map(async (run) => ({
          ...{ instance: run.instance, run },
          counts: await readProgress(staff, run.workflowId),
        })),
      )),
      ...starting.map(({ instance }) => ({ instance, run: null, counts: null })),
    ],
    news: known.flatMap(({ instance, news }) => (news === null || news === 'starting' ? [] : [{ instance, news }])),
  };
}
