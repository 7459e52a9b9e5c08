import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Shown } from '../../../client/audit.ts';
import { confirmSync } from '../../../client/confirmSync.ts';
import { requestSync } from '../../../client/requestSync.ts';
import { pullOutcomes } from '../../../domain/pull.ts';
import { canSee, canUnlock, type SignedInUser } from '../../../domain/role.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { readProgress, type StaffContext, visibleTo } from '../context.ts';
import { notFound, renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { recordTrail, trailOf } from '../trail.ts';
import { listZones } from '../zones.ts';
import { RunsPage, RunsPart, type RunsProps } from './page.tsx';
import { progressOf } from './progress.ts';
import { RunRecordsPage } from './recordsPage.tsx';
import { RunPage, RunPart, type RunProps } from './runPage.tsx';

const PAGE = 50;
const MAX_FAILED = 50;

type Route = { Params: { runId: string } };
const polled = z.object({
  seen: z.string().max(40).optional().catch(undefined),
  after: z.string().max(100).optional().catch(undefined),
  trail: trailOf(/^[\w-]{1,40}$/),
});
const counted = z.object({
  outcome: z.enum(pullOutcomes).catch('saved'),
  after: z.string().max(40).optional().catch(undefined),
  trail: recordTrail,
});
const syncForm = z.object({ instance: z.string().max(40).catch(''), full: z.literal('1').optional().catch(undefined) });

/** Adds `GET /runs` and `/runs/<runId>`, for each `/now`, which the page polls, `/runs/<runId>/records`, and `POST /runs`, which starts a sync. */
export async function runRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, temporal, now } = staff;
  const section = '/runs';
  /** The checks of requests that Temporal did not confirm. */
  const checks = new Set<Promise<void>>();
  const closing = new AbortController();
  scope.addHook('onClose', async () => {
    closing.abort();
    await Promise.all(checks);
  });

  scope.get('/runs', async (request, reply) => {
    const props = await runsProps(request, polled.parse(request.query));
    const { version } = renderPart((own) => <RunsPart {...props} version={own} />);
    return sendPage(staff, request, reply, {
      ...{ title: 'Sync history', section, shown: null },
      children: <RunsPage {...props} version={version} />,
    });
  });

  scope.get('/runs/now', { config: { background: true } }, async (request, reply) => {
    const props = await runsProps(request, { trail: [] });
    const part = renderPart((version) => <RunsPart {...props} version={version} />);
    const { seen } = polled.parse(request.query);
    return sendPart(staff, request, reply, { part, seen, shown: null });
  });

  scope.post('/runs', async (request, reply) => {
    const who = signedInUserOf(request);
    const { instance, full } = syncForm.parse(request.body);
    const names = (await visibleTo(who, staff)).filter((name) => instance === '' || name === instance);
    if (names.length === 0) throw notFound();
    const viewer = request.viewer();
    const client = temporal();
    await Promise.all(
      names.map(async (name) => {
        const { sent, at } = await requestSync({ store, client }, name, { viewer, full: full === '1' });
        if (sent !== 'unconfirmed') return;
        const check = confirmSync(name, at, { client, store, viewer, now }, closing.signal);
        checks.add(check);
        void check.finally(() => checks.delete(check));
      }),
    );
    // The page says what became of each request, now and while it is checked.
    return reply.redirect('/runs', 303);
  });

  scope.get<Route>('/runs/:runId', async (request, reply) => {
    const props = await runProps(signedInUserOf(request), request.params.runId);
    const { version } = renderPart((own) => <RunPart {...props} version={own} />);
    return sendPage(staff, request, reply, {
      ...{ title: 'Sync', section, shown: failedOf(props) },
      children: <RunPage {...props} version={version} />,
    });
  });

  scope.get<Route>('/runs/:runId/now', { config: { background: true } }, async (request, reply) => {
    const props = await runProps(signedInUserOf(request), request.params.runId);
    const part = renderPart((version) => <RunPart {...props} version={version} />);
    const { seen } = polled.parse(request.query);
    return sendPart(staff, request, reply, { part, seen, shown: failedOf(props) });
  });

  scope.get<Route>('/runs/:runId/records', async (request, reply) => {
    const who = signedInUserOf(request);
    const run = await readRun(who, request.params.runId);
    const { outcome, after, trail } = counted.parse(request.query);
    const [{ found: records, more }, left] = await Promise.all([
      store.records.countedPage(run, outcome, after ?? null, PAGE),
      store.records.countedNow(run, outcome),
    ]);
    const props = { run, outcome, records, more, left, after, trail, zone: listZones(who, staff)(run.instance) };
    return sendPage(staff, request, reply, {
      ...{ title: 'Records of a sync', section, shown: { kind: 'run-viewed', records } },
      children: <RunRecordsPage {...props} now={now()} />,
    });
  });

  async function readRun(who: SignedInUser, runId: string): Promise<RunDocument> {
    const run = await store.runs.get(runId);
    if (run === null || !canSee(who, run.instance)) throw notFound();
    return run;
  }

  async function runsProps(
    request: FastifyRequest,
    { after = null, trail }: { after?: string | null | undefined; trail: readonly string[] },
  ): Promise<RunsProps> {
    const who = signedInUserOf(request);
    const instances = await visibleTo(who, staff);
    const { found: runs, more } = await store.runs.page(instances, after, PAGE);
    const known = after === null ? await progressOf(staff, instances, runs) : { progress: [], news: [] };
    const [csrf, zoneOf] = [request.csrfToken(), listZones(who, staff)];
    return { instances, runs, more, after, trail, ...known, mayUnlock: canUnlock(who), csrf, zoneOf, now: now() };
  }

  function failedOf({ failed }: RunProps): Shown {
    return { kind: 'run-viewed', records: failed };
  }

  async function runProps(who: SignedInUser, runId: string): Promise<RunProps> {
    const run = await readRun(who, runId);
    const [failed, counts] = await Promise.all([
      store.records.failedBetween(run.instance, run.startedAt, run.endedAt ?? now(), MAX_FAILED),
      run.status === 'running' ? readProgress(staff, run.workflowId) : null,
    ]);
    const progress = run.status === 'running' ? { instance: run.instance, run, counts } : null;
    return {
      run,
      failed,
      progress,
      temporalUrl: who.role === 'admin' ? temporalUrl(run) : null,
      zone: listZones(who, staff)(run.instance),
      now: now(),
    };
  }

  function temporalUrl({ workflowId, _id }: RunDocument): string | null {
    const { uiUrl, namespace } = staff;
    if (uiUrl === null) return null;
    const path = ['namespaces', namespace, 'workflows', workflowId, _id, 'history'];
    return `${uiUrl.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}`;
  }
}
