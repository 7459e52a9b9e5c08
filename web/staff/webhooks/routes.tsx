import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { audit, auditShown } from '../../../client/audit.ts';
import { BYTE_ORDER_MARK } from '../../../domain/csv.ts';
import { canUnlock, isAllowed } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { zonesOf } from '../zones.ts';
import { EvidencePage, evidenceCsv } from './evidence.tsx';
import { instanceWebhooks, MAX_MISSED } from './facts.ts';
import { type Tested, WebhooksPage } from './page.tsx';

const TEST_MS = 4_000;
const POLL_MS = 100;

const instanceForm = z.object({ instance: z.string().max(40) });

/** Adds `GET /webhooks` and, with a stand-in that can send a webhook, `POST /webhooks`. */
export async function webhookPageRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now, testWebhook } = staff;

  scope.get('/webhooks', (request, reply) => show(request, reply, null));

  scope.get('/webhooks/evidence', async (request, reply) => {
    const { instance, missed, shown } = await evidenceOf(request);
    return sendPage(staff, request, reply, {
      ...{ title: 'Changes without a webhook', section: '/webhooks', shown },
      children: <EvidencePage instance={instance} missed={missed} now={now()} />,
    });
  });

  scope.get('/webhooks/evidence.csv', { config: { needs: 'unlock' } }, async (request, reply) => {
    const { instance, missed, shown } = await evidenceOf(request);
    await auditShown(store, request.viewer(), shown, { at: now(), per: 'request' });
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="changes-without-webhook-${instance}.csv"`)
      .send(BYTE_ORDER_MARK + evidenceCsv(missed, now()));
  });

  /** Reads the changes without a webhook. They name charts by KIPU's ids, so whoever sees them is in the audit. */
  async function evidenceOf(request: FastifyRequest) {
    const wanted = instanceForm.safeParse(request.query).data?.instance;
    const instance = (await visibleTo(signedInUserOf(request), staff)).find((name) => name === wanted);
    if (instance === undefined) throw notFound();
    const zoneOf = zonesOf(staff);
    const found = await store.detectedChanges.missedOf(instance, MAX_MISSED);
    const missed = found.map((one) => ({ ...one, zone: zoneOf(instance, one.locationId) }));
    const records = [...new Set(found.map(({ record }) => record))].map((_id) => ({ _id, instance }));
    return { instance, missed, shown: { kind: 'webhook-evidence' as const, records } };
  }

  if (testWebhook !== undefined) {
    scope.post('/webhooks', async (request, reply) => {
      const who = signedInUserOf(request);
      const parsed = instanceForm.safeParse(request.body);
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
      ...{ title: 'KIPU connections', section: '/webhooks', shown: null },
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
