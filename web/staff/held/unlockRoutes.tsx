import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readLockedCount } from '../../../client/attention.ts';
import type { Shown } from '../../../client/audit.ts';
import { forEachConcurrently, summarizeUnlocks } from '../../../client/unlock.ts';
import { addHours } from '../../../domain/time.ts';
import type { PageState } from '../../../store/accessDocuments.ts';
import { patientName } from '../../ui/labels.ts';
import { address } from '../../ui/parts.tsx';
import { readPlaces } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { filtersQuery, heldQuery, parseHeldFilters } from '../heldQuery.ts';
import { renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { forgetReason, keepReason } from '../typedReasons.ts';
import { keepSent, sentReason, typedReason, unlockRecord } from '../unlock.tsx';
import { zonesOf } from '../zones.ts';
import { ConfirmUnlock } from './confirm.tsx';
import { Outcome, UnlockedPage } from './outcome.tsx';

/** The most boxes that one form sends. */
const MAX_BOXES = 200;
/** The most records that can be unlocked at once. */
export const MAX_SELECTED = 500;
const AT_ONCE = 10;
/** As long as a session can last. */
const KEPT_HOURS = 12;
/** How often browsers without JavaScript reload the outcome while charts are being pulled. */
const REFRESH_SECONDS = 2;

const selectForm = z.object({
  recordId: z
    .union([z.string().transform((one) => [one]), z.array(z.string()).max(MAX_BOXES)])
    .catch([])
    .transform((ids) => [...new Set(ids)]),
  /** Selects all that match the filters, instead of single ones. */
  matching: z.literal('1').optional().catch(undefined),
});
const reasonForm = z.object({ why: z.string().max(5_000).catch('') });
const polled = z.object({ seen: z.string().max(40).optional().catch(undefined) });

type Route = { Params: { selection: string } };
type Selection = Extract<PageState, { kind: 'selection' }>;

/**
 * Adds the unlock of several records. `POST /held/unlock` keeps which ones, `/held/unlock/<selection>` asks for the reason and
 * sends the requests, `/unlocks/<selection>` shows the results. Each POST redirects, so that going back and reloading work.
 */
export async function unlockRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const zoneOf = zonesOf(staff);

  scope.post('/held/unlock', async (request, reply) => {
    const { recordId, matching } = selectForm.parse(request.body);
    const filters = parseHeldFilters(request.body);
    const query = heldQuery(filters, await visibleTo(signedInUserOf(request), staff), now());
    const chosen = matching === '1' ? await store.records.idsOfHolds(query, MAX_SELECTED) : recordId;
    const held = (await readRecords(request, chosen)).filter(({ hold }) => hold !== null);
    if (held.length === 0) {
      const back = new URLSearchParams({ ...filtersQuery(filters), say: 'none' });
      return reply.redirect(address('/held', back), 303);
    }
    const selection: Selection = { kind: 'selection', records: held.map(({ _id }) => _id), notSent: null };
    const id = await store.pageStates.add(signedInUserOf(request).user, selection, addHours(now(), KEPT_HOURS));
    return reply.redirect(`/held/unlock/${id}`, 303);
  });

  scope.get<Route>('/held/unlock/:selection', { config: { needs: 'unlock' } }, async (request, reply) => {
    const { selection: id } = request.params;
    const selection = await readSelection(request, id);
    if (selection === null) return reply.redirect('/held?say=expired', 303);
    const held = (await readRecords(request, selection.records)).filter(({ hold }) => hold !== null);
    if (held.length === 0) return reply.redirect(selection.notSent === null ? '/held' : `/unlocks/${id}`, 303);
    const typed = await typedReason(staff, request, id);
    const { contactOf } = await readPlaces(staff, [...new Set(held.map(({ instance }) => instance))]);
    return sendPage(staff, request, reply, {
      ...{ title: 'Unlock', section: '/held', shown: { kind: 'unlock-form', records: held } },
      children: (
        <ConfirmUnlock {...{ id, records: held, typed, zoneOf, contactOf, now: now(), csrf: request.csrfToken() }} />
      ),
    });
  });

  scope.post<Route>('/held/unlock/:selection', async (request, reply) => {
    const { selection: id } = request.params;
    const selection = await readSelection(request, id);
    if (selection === null) return reply.redirect('/held?say=expired', 303);
    const held = (await readRecords(request, selection.records)).filter(({ hold }) => hold !== null);
    const { sent, read } = sentReason(request, held);
    if ('problem' in read) {
      const { problem } = read;
      return reply.redirect(await keepSent(staff, request, id, { ...sent, problem }, `/held/unlock/${id}`), 303);
    }
    let notSent = 0;
    await forEachConcurrently(held, AT_ONCE, async (record) => {
      if (!(await unlockRecord(staff, request, record, read.why))) notSent += 1;
    });
    const { user } = signedInUserOf(request);
    await store.pageStates.set(id, user, { ...selection, notSent }, addHours(now(), KEPT_HOURS));
    await forgetReason(staff, request, id);
    return reply.redirect(`/unlocks/${id}`, 303);
  });

  scope.post<Route>('/held/unlock/:selection/reason', async (request, reply) => {
    await keepReason(staff, request, request.params.selection, reasonForm.parse(request.body).why);
    return reply.code(204).send();
  });

  scope.get<Route>('/unlocks/:selection', { config: { needs: 'unlock' } }, async (request, reply) => {
    const outcome = await readOutcome(request, request.params.selection);
    if (outcome === null) return reply.redirect('/held?say=expired', 303);
    const { shown, ...props } = outcome;
    const { version } = renderPart((own) => <Outcome {...props} version={own} />);
    return sendPage(staff, request, reply, {
      ...{ title: 'Unlock', section: '/held', shown },
      ...(props.outcome.waiting > 0 ? { refreshSeconds: REFRESH_SECONDS } : {}),
      children: <UnlockedPage {...props} version={version} />,
    });
  });

  scope.get<Route>(
    '/unlocks/:selection/now',
    { config: { needs: 'unlock', background: true } },
    async (request, reply) => {
      const outcome = await readOutcome(request, request.params.selection);
      if (outcome === null) return reply.code(204).send();
      const { shown, ...props } = outcome;
      const part = renderPart((version) => <Outcome {...props} version={version} />);
      return sendPart(staff, request, reply, { part, seen: polled.parse(request.query).seen, shown });
    },
  );

  // Addresses that only take forms, and those of earlier versions: a person may enter one.
  for (const path of ['/held/unlock', '/held/unlocked', '/held/outcome', '/held/search'])
    scope.get(path, async (_request, reply) => reply.redirect('/held', 303));

  async function readRecords(request: FastifyRequest, ids: readonly string[]) {
    return store.records.ofIds(ids, await visibleTo(signedInUserOf(request), staff));
  }

  async function readSelection(request: FastifyRequest, id: string): Promise<Selection | null> {
    const kept = await store.pageStates.get(id, signedInUserOf(request).user, now());
    return kept?.kind === 'selection' ? kept : null;
  }

  async function readOutcome(request: FastifyRequest, id: string) {
    const selection = await readSelection(request, id);
    if (selection === null || selection.notSent === null) return null;
    const who = signedInUserOf(request);
    const [records, referrals, left] = await Promise.all([
      readRecords(request, selection.records),
      store.referrals.latestOf(selection.records),
      readLockedCount(store, await visibleTo(who, staff), now()),
    ]);
    const names = new Map(records.map(({ _id, chart }) => [_id, patientName(chart)]));
    const shown: Shown = { kind: 'unlock-results', records };
    const outcome = summarizeUnlocks(records, records, referrals);
    return { id, outcome, names, notSent: selection.notSent, left, shown };
  }
}
