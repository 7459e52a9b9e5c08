import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type ConnectionEntry,
  ConnectionError,
  changedEntry,
  setConnection,
} from '../../../client/connections/manage.ts';
import { type ConnectionView, listConnections } from '../../../client/connections/view.ts';
import type { ConnectionReport } from '../../../connection/report.ts';
import type { StaffContext } from '../context.ts';
import { notFound, sendPage } from '../respond.ts';
import { EditPage, entryFields, entryForm, type TypedEntry } from './form.tsx';
import { oneAtATime, SECTION } from './parts.ts';
import { formTexts } from './texts.ts';

type Route = { Params: { instance: string } };

/** Adds the page that changes a stored connection. New credentials are tested before they are stored. */
export async function editRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { connections } = staff;
  const { manage } = connections;
  const config = { needs: 'administer' as const };

  scope.get<Route>('/connections/:instance/edit', { config }, async (request, reply) =>
    form(request, reply, typedOf(await read(request))),
  );

  scope.post<Route>('/connections/:instance/edit', { config }, async (request, reply) => {
    const { name } = await read(request);
    const { name: _, secretKey, ...entered } = entryForm.parse(request.body);
    // A blank secret key stays as it is.
    try {
      const changes: Partial<ConnectionEntry> = {
        ...entryFields(entered),
        ...(secretKey === '' ? {} : { secretKey }),
      };
      const { instance, isNewAccess } = await changedEntry(manage, name, changes);
      if (isNewAccess) {
        const tested = await oneAtATime(() => connections.test(instance));
        if (!tested.usable) return await form(request, reply.code(422), entered, formTexts.edit.refused, tested);
        changes.digest = tested.instance.digest;
      }
      await setConnection(manage, name, changes, request.viewer());
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return form(request, reply.code(422), entered, error.message);
    }
    await connections.apply();
    return reply.redirect(`/connections/${name}`, 303);
  });

  function form(
    request: FastifyRequest<Route>,
    reply: FastifyReply,
    typed: TypedEntry,
    problem?: string,
    tested?: ConnectionReport,
  ) {
    const { instance: name } = request.params;
    return sendPage(staff, request, reply, {
      ...{ title: formTexts.edit.title, section: SECTION, shown: null },
      children: <EditPage {...{ name, typed, problem, tested }} csrf={request.csrfToken()} />,
    });
  }

  async function read({ params }: FastifyRequest<Route>): Promise<ConnectionView> {
    const all = await listConnections(manage.store, connections.fixed, manage.keys);
    const found = all.find(
      ({ name, from, state }) => name === params.instance && from === 'stored' && state !== 'retired',
    );
    if (found === undefined) throw notFound();
    return found;
  }
}

function typedOf(connection: ConnectionView): TypedEntry {
  const { baseUrl, accessId, appId, timeZone, locationTimeZones, callsPerSecond, lockPolicy } = connection;
  return {
    ...{ baseUrl, accessId, appId, lockPolicy, timeZone: timeZone ?? '' },
    locationTimeZones: Object.entries(locationTimeZones)
      .map(([id, zone]) => `${id} = ${zone}`)
      .join('\n'),
    callsPerSecond: callsPerSecond === null ? '' : String(callsPerSecond),
  };
}
