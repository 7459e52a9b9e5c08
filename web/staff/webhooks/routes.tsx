import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { audit } from '../../../client/audit.ts';
import { canUnlock, isAllowed } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { instanceWebhooks } from './facts.ts';
import { type Tested, WebhooksPage } from './page.tsx';

const TEST_MS = 4_000;
const POLL_MS = 100;

const testForm = z.object({ instance: z.string().max(40) });

/** Adds `GET /webhooks` and, with a stand-in that can send a webhook, `POST /webhooks`. */
export async function webhookPageRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now, testWebhook } = staff;

  scope.get('/webhooks', (request, reply) => show(request, reply, null));

  if (testWebhook !== undefined) {
    scope.post('/webhooks', async (request, reply) => {
      const who = signedInUserOf(request);
      const parsed = testForm.safeParse(request.body);
      const instance = (await visibleTo(who, staff)).find((name) => name === parsed.data?.instance);
      if (instance === undefined) throw notFound();
      const received = await test(instance, testWebhook);
      const outcome = received ? 'received' : 'not received';
      await audit(store, {
        ...{ ...request.viewer(), what: 'webhook-tested', instance, record: null, why: null, outcome },
      });
      return show(request, reply, { instance, received });
    });
  }

  async function show(request: FastifyRequest, reply: FastifyReply, tested: Tested | null) {
    const who = signedInUserOf(request);
    const names = await visibleTo(who, staff);
    const instances = await Promise.all(names.map((name) => instanceWebhooks(staff, name)));
    const mayManage = isAllowed(who.role, 'administer');
    const props = { instances, tested, mayManage, mayTest: testWebhook !== undefined && canUnlock(who), now: now() };
    return sendPage(staff, request, reply, {
      ...{ title: 'KIPU connection', section: '/webhooks', shown: null },
      children: <WebhooksPage {...props} csrf={request.csrfToken()} />,
    });
  }

  /** Sends a webhook and returns whether it was received in time. */
  async function test(instance: string, send: (instance: string) => Promise<void>): Promise<boolean> {
    const last = async () => (await store.deliveries.lastAt(instance, 'chart-update'))?.getTime();
    const before = await last();
    await send(instance);
    for (const deadline = Date.now() + TEST_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if ((await last()) !== before) return true;
    }
    return false;
  }
}
