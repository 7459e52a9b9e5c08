import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  ConnectionError,
  dropOldSecrets,
  pauseConnection,
  retireConnection,
  rotateSecrets,
  webhookEntries,
} from '../../../client/connections/manage.ts';
import { HOW_TO_SET } from '../../../client/connections/seal.ts';
import { type ConnectionView, listConnections } from '../../../client/connections/view.ts';
import { canSee } from '../../../domain/role.ts';
import { DEFAULT_ZONE } from '../../../domain/time.ts';
import { webhooks } from '../../../domain/webhookHealth.ts';
import type { StaffContext } from '../context.ts';
import { notFound, renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { addRoutes, mayAdd } from './addRoutes.tsx';
import { contactRoutes } from './contacts.tsx';
import { ConnectionPage, type LastDeliveries, WaitingPart } from './details.tsx';
import { editRoutes } from './editRoutes.tsx';
import { ConnectionsPage } from './list.tsx';
import { reachable, SECTION } from './parts.ts';
import { SecretsPage } from './secrets.tsx';
import { actionTexts, texts } from './texts.ts';

type Route = { Params: { instance: string } };
const polled = z.object({ seen: z.string().max(40).optional().catch(undefined) });
const confirmed = z.object({ confirm: z.string().trim().max(100).catch('') });
const needs = 'administer' as const;

/** Adds the pages of the KIPU connections, which administrators alone may open. */
export async function connectionRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { now, connections } = staff;
  const { manage } = connections;
  await addRoutes(scope, staff);
  await editRoutes(scope, staff);
  await contactRoutes(scope, staff, read);

  scope.get('/connections', { config: { needs } }, async (request, reply) => {
    const who = signedInUserOf(request);
    const all = await listConnections(manage.store, connections.fixed, manage.keys);
    const noKey = manage.keys.length === 0 ? texts.needsKey(HOW_TO_SET) : null;
    const limited = mayAdd(who) ? null : texts.needsAllInstances;
    return sendPage(staff, request, reply, {
      ...{ title: 'KIPU connections', section: SECTION, shown: null },
      children: (
        <ConnectionsPage connections={all.filter(({ name }) => canSee(who, name))} cannotAdd={noKey ?? limited} />
      ),
    });
  });

  scope.get<Route>('/connections/:instance', { config: { needs } }, (request, reply) => show(request, reply));

  scope.get<Route>('/connections/:instance/now', { config: { needs, background: true } }, async (request, reply) => {
    const { name, timeZone } = await read(request);
    const zone = timeZone ?? DEFAULT_ZONE;
    const last = await lastDeliveries(name);
    const part = renderPart((version) => <WaitingPart {...{ name, last, zone, version }} now={now()} />);
    return sendPart(staff, request, reply, { part, seen: polled.parse(request.query).seen, shown: null });
  });

  for (const action of ['pause', 'resume'] as const) {
    scope.post<Route>(`/connections/:instance/${action}`, { config: { needs } }, (request, reply) =>
      change(request, reply, async ({ name }) => {
        await pauseConnection(manage, name, action === 'pause', request.viewer());
      }),
    );
  }

  scope.post<Route>('/connections/:instance/finish', { config: { needs } }, (request, reply) =>
    change(request, reply, ({ name }) => dropOldSecrets(manage, name, request.viewer())),
  );

  scope.post<Route>('/connections/:instance/rotate', { config: { needs } }, async (request, reply) => {
    const { name } = await read(request);
    try {
      const secrets = await rotateSecrets(manage, name, request.viewer());
      return await sendPage(staff, request, reply, {
        ...{ title: 'Webhook secrets', section: SECTION, shown: null },
        children: (
          <SecretsPage
            {...{ name, added: false, reachable: reachable(staff.webUrl()) }}
            webhooks={webhookEntries(staff.webUrl(), name, secrets)}
          />
        ),
      });
    } catch (error) {
      return refused(request, reply, error);
    }
  });

  scope.post<Route>('/connections/:instance/retire', { config: { needs } }, (request, reply) =>
    change(request, reply, async ({ name }) => {
      if (confirmed.parse(request.body).confirm !== name)
        throw new ConnectionError(actionTexts.retire.notConfirmed(name));
      await retireConnection(manage, name, request.viewer());
    }),
  );

  async function change(
    request: FastifyRequest<Route>,
    reply: FastifyReply,
    apply: (connection: ConnectionView) => Promise<void>,
  ): Promise<FastifyReply> {
    const connection = await read(request);
    try {
      await apply(connection);
    } catch (error) {
      return refused(request, reply, error);
    }
    await connections.apply();
    return reply.redirect(`/connections/${connection.name}`, 303);
  }

  /** Shows why something was not done. @throws any error that is not meant for the person */
  function refused(request: FastifyRequest<Route>, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
    if (!(error instanceof ConnectionError)) throw error;
    return show(request, reply.code(422), error.message);
  }

  async function show(request: FastifyRequest<Route>, reply: FastifyReply, problem?: string): Promise<FastifyReply> {
    const connection = await read(request);
    const last = await lastDeliveries(connection.name);
    const { version } = renderPart((own) => (
      <WaitingPart
        {...{ name: connection.name, last, zone: connection.timeZone ?? DEFAULT_ZONE, version: own }}
        now={now()}
      />
    ));
    const { name } = connection;
    const known = (await staff.store.instances.several([name])).get(name);
    const shown = { connection, last, locations: known?.locations ?? [], contacts: known?.contacts ?? [] };
    const props = { ...shown, version, now: now(), csrf: request.csrfToken() };
    return sendPage(staff, request, reply, {
      ...{ title: 'KIPU connection', section: SECTION, shown: null },
      children: <ConnectionPage {...props} {...(problem === undefined ? {} : { problem })} />,
    });
  }

  async function read({ params }: FastifyRequest<Route>): Promise<ConnectionView> {
    const all = await listConnections(manage.store, connections.fixed, manage.keys);
    const found = all.find(({ name }) => name === params.instance);
    if (found === undefined) throw notFound();
    return found;
  }

  async function lastDeliveries(name: string): Promise<LastDeliveries> {
    const [creation = null, update = null] = await Promise.all(
      webhooks.map((webhook) => staff.store.deliveries.lastAt(name, webhook)),
    );
    return { 'patient-creation': creation, 'chart-update': update };
  }
}
