import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { audit } from '../../../client/audit.ts';
import { CHECKED_ON_PAGE, checkAudit } from '../../../client/auditCheck.ts';
import { canSee } from '../../../domain/role.ts';
import { isRecordId } from '../../../store/ids.ts';
import { address } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { trailOf } from '../trail.ts';
import { personZone } from '../zones.ts';
import { auditCsv } from './csv.ts';
import { AuditPage } from './page.tsx';
import { type AuditForm, auditForm, auditSearch, formQuery, positionOf, searchProblem } from './query.ts';
import { texts } from './texts.ts';

/** More would be over 40 KB of HTML. */
const PER_PAGE = 36;
const place = z.object({ after: z.string().max(40).catch(''), trail: trailOf(/^\d{1,15}-\d{1,15}$/) });

/** Adds `/audit`, where administrators search the audit, export it and see whether it was changed. */
export async function auditRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const config = { needs: 'administer' } as const;

  scope.get('/audit', { config }, (request, reply) => show(request, reply, auditForm(request.query)));

  scope.post('/audit', { config }, async (request, reply) => {
    const form = auditForm(request.body);
    const problem = searchProblem(form);
    if (problem !== null) return show(request, reply.code(422), form, problem);
    const query = formQuery(form, await store.auditPages.people());
    return reply.redirect(address('/audit', new URLSearchParams(query)), 303);
  });

  scope.post('/audit/check', { config }, async (request, reply) => {
    if (!(await mayCheck())) throw notFound();
    await checkAudit(store, { who: signedInUserOf(request).user, at: now() });
    return reply.redirect('/audit', 303);
  });

  scope.post('/audit.csv', { config }, async (request, reply) => {
    const { who, search, query } = await searchOf(request, auditForm(request.body));
    const filters = Object.entries(query).map(([name, value]) => `${name} ${value}`);
    await audit(store, {
      ...{ ...request.viewer(), what: 'audit-exported', instance: null, record: null, why: null, at: now() },
      outcome: `exported: ${filters.length === 0 ? 'everything' : filters.join('; ')}`,
    });
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="audit-${now().toISOString().slice(0, 10)}.csv"`)
      .send(Readable.from(auditCsv(store.auditPages.all(search), who)));
  });

  /** Returns the search that a form describes. @throws HttpError 404 for a record of an instance that is not visible */
  async function searchOf(request: FastifyRequest, form: AuditForm) {
    const who = signedInUserOf(request);
    if (isRecordId(form.record)) {
      const found = await store.records.get(form.record);
      // A record that was purged is only in the audit, which does not always say of which instance it was.
      if (found === null ? who.instances !== '*' : !canSee(who, found.instance)) throw notFound();
    }
    const people = await store.auditPages.people();
    const zone = personZone(who, staff.instances);
    const search = auditSearch(form, { sees: who.instances, people, zone });
    return { who, people, zone, search, query: formQuery(form, people) };
  }

  async function mayCheck(): Promise<boolean> {
    return ((await store.auditEvents.last())?.seq ?? 0) <= CHECKED_ON_PAGE;
  }

  async function show(request: FastifyRequest, reply: FastifyReply, form: AuditForm, problem?: string) {
    const { who, people, zone, search, query } = await searchOf(request, form);
    const { after: start, trail } = place.parse(request.query);
    const after = positionOf(start);
    const [{ found: events, more }, instances, check, isShort] = await Promise.all([
      store.auditPages.page(search, after, PER_PAGE),
      visibleTo(who, staff),
      store.auditPages.lastCheck(),
      mayCheck(),
    ]);
    const at = { start: after === null ? undefined : start, trail };
    const props = { who, events, more, ...at, form, query, problem, people, instances, check };
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/audit', shown: null },
      children: <AuditPage {...props} mayCheck={isShort} csrf={request.csrfToken()} zone={zone} now={now()} />,
    });
  }
}
