import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  addRecipient,
  recipientProblem,
  removeRecipient,
  testRecipient,
  type WantedRecipient,
} from '../../../client/recipients.ts';
import { canSee, type SignedInUser } from '../../../domain/role.ts';
import type { RecipientDocument } from '../../../store/notificationDocuments.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { personZone } from '../zones.ts';
import { blank, wantedRecipient } from './form.ts';
import { NotificationsPage, type Outcome } from './page.tsx';
import { texts } from './texts.ts';

const query = z.object({ done: z.enum(['added', 'removed']).optional().catch(undefined) });
const chosen = z.object({ recipient: z.string().max(100) });

/** Adds `/notifications`, where administrators choose who is notified. */
export async function notificationRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now, sendTo, hasMail, noticeHost } = staff;
  const config = { needs: 'administer' } as const;
  const byOf = (request: FastifyRequest) => ({ ...request.viewer(), at: now() });

  scope.get('/notifications', { config }, (request, reply) => {
    const { done } = query.parse(request.query);
    return show(request, reply, done === undefined ? {} : { outcome: { tone: 'good', text: texts.done[done] } });
  });

  scope.post('/notifications', { config }, async (request, reply) => {
    const wanted = wantedRecipient(request.body);
    const problem = recipientProblem(wanted, hasMail);
    if (problem !== null) return show(request, reply.code(422), { form: wanted, problem });
    const { secret } = await addRecipient(store, wanted, byOf(request));
    if (secret === null) return reply.redirect('/notifications?done=added', 303);
    return show(request, reply, { outcome: { tone: 'good', text: texts.done.added, secret } });
  });

  scope.post('/notifications/test', { config }, async (request, reply) => {
    const recipient = await chosenBy(request);
    const { sent, text } = await testRecipient(store, recipient, sendTo, byOf(request));
    return show(request, reply, { outcome: { tone: sent ? 'good' : 'bad', text: `${recipient.name}: ${text}` } });
  });

  scope.post('/notifications/remove', { config }, async (request, reply) => {
    const { _id } = await chosenBy(request);
    await removeRecipient(store, _id, byOf(request));
    return reply.redirect('/notifications?done=removed', 303);
  });

  async function chosenBy(request: FastifyRequest): Promise<RecipientDocument> {
    const parsed = chosen.safeParse(request.body);
    const found = parsed.success ? await store.recipients.get(parsed.data.recipient) : null;
    if (found === null || !mayManage(signedInUserOf(request), found)) throw notFound();
    return found;
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { form, problem, outcome = null }: { form?: WantedRecipient; problem?: string; outcome?: Outcome | null },
  ) {
    const who = signedInUserOf(request);
    const [instances, all] = await Promise.all([visibleTo(who, staff), store.recipients.list()]);
    const rows = await Promise.all(
      all
        .filter((recipient) => mayManage(who, recipient))
        .map(async (recipient) => ({ recipient, last: await store.notifications.lastTo(recipient._id) })),
    );
    const channel = hasMail ? blank.channel : 'slack';
    const first = { ...blank, channel, instances: who.instances === '*' ? who.instances : instances };
    const props = {
      rows,
      instances,
      sees: who.instances,
      hasMail,
      noticeHost,
      problem,
      outcome,
      now: now(),
      zone: personZone(who, staff.instances),
    };
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/notifications', shown: null },
      children: <NotificationsPage {...props} form={form ?? first} csrf={request.csrfToken()} />,
    });
  }
}

/** Returns true if the administrator may see every instance of the recipient. */
function mayManage(who: SignedInUser, { instances }: RecipientDocument): boolean {
  return instances === '*' ? who.instances === '*' : instances.every((instance) => canSee(who, instance));
}
