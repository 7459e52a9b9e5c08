import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { auditView } from '../../../client/audit.ts';
import { canSee, canUnlock, type SignedInUser } from '../../../domain/role.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { isRecordId } from '../../../store/ids.ts';
import type { StaffContext } from '../options.ts';
import { notFound, renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { parseReason, unlockOne } from '../unlock.ts';
import { readRecordDetails } from './facts.ts';
import { RecordPage, RecordStatusPart } from './page.tsx';
import { UnlockPage } from './unlockPage.tsx';

/** How often the page is loaded anew where no script runs, while an unlock is on its way. */
const REFRESH_SECONDS = 2;

type Route = { Params: { recordId: string } };
const typed = z.object({ why: z.string().max(5_000).catch('') });
const polled = z.object({ seen: z.string().max(40).optional().catch(undefined) });

/** `GET /records/<recordId>`, its part that changes by itself, and its unlock. */
export async function recordRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get<Route>('/records/:recordId', async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await seen(who, request.params.recordId);
    await auditView(store, who.user, record, now());
    const props = { stay: await readRecordDetails(staff, record), mayUnlock: canUnlock(who), now: now() };
    const { version } = renderPart((own) => <RecordStatusPart {...props} version={own} />);
    const { moves } = props.stay;
    return sendPage(request, reply, {
      title: 'Intake opportunity',
      section: record.hold === null ? '/referrals' : '/held',
      ...(moves === 'asked' || moves === 'unlocked' ? { refreshSeconds: REFRESH_SECONDS } : {}),
      children: <RecordPage {...props} version={version} />,
    });
  });

  scope.get<Route>('/records/:recordId/now', { config: { background: true } }, async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await seen(who, request.params.recordId);
    const props = { stay: await readRecordDetails(staff, record), mayUnlock: canUnlock(who), now: now() };
    const part = renderPart((version) => <RecordStatusPart {...props} version={version} />);
    return sendPart(reply, part, polled.parse(request.query).seen);
  });

  scope.get<Route>('/records/:recordId/unlock', { config: { needs: 'unlock' } }, async (request, reply) => {
    const record = await seen(signedInUserOf(request), request.params.recordId);
    if (record.hold === null) return reply.redirect(`/records/${record._id}`, 303);
    return sendPage(request, reply, unlockPage({ record, csrf: request.csrfToken() }));
  });

  scope.post<Route>('/records/:recordId/unlock', async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await seen(who, request.params.recordId);
    const { why: given } = typed.parse(request.body);
    const why = parseReason(given);
    const again = { record, csrf: request.csrfToken(), why: given };
    if ('wrong' in why) return sendPage(request, reply.code(422), unlockPage({ ...again, wrong: why.wrong }));
    if (record.hold !== null && !(await unlockOne(staff, who, record, why.why)))
      return sendPage(request, reply.code(503), unlockPage({ ...again, unsent: true }));
    return reply.redirect(`/records/${record._id}`, 303);
  });

  /** The record, where there is one and the person may see it. */
  async function seen(who: SignedInUser, recordId: string): Promise<RecordDocument> {
    const record = isRecordId(recordId) ? await store.records.get(recordId) : null;
    if (record === null || !canSee(who, record.instance)) throw notFound();
    return record;
  }
}

function unlockPage(props: Parameters<typeof UnlockPage>[0]) {
  return { title: 'Unlock EMR Updates', section: '/held', children: <UnlockPage {...props} /> } as const;
}
