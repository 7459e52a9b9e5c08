import type { FastifyInstance } from 'fastify';
import { canUnlock } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { HeldList } from './page.tsx';
import { heldQuery, parseHeldFilters } from './query.ts';
import { unlockRoutes } from './unlockRoutes.tsx';

const PAGE = 50;

/** Adds `GET /held` and the unlock of several records. */
export async function heldRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/held', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseHeldFilters(request.query);
    const instances = await visibleTo(who, staff);
    const query = heldQuery(filters, instances, now());
    const [{ found, more }, ...locations] = await Promise.all([
      store.records.heldPage(query, filters.after ?? null, PAGE),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    return sendPage(staff, request, reply, {
      shown: { kind: 'holds-listed', records: found },
      title: 'Locked records',
      section: '/held',
      children: (
        <HeldList
          {...{ filters, instances, found, more, now: now() }}
          locations={[...new Set([...locations.flat(), filters.location])].filter((name) => name !== '').sort()}
          mayUnlock={canUnlock(who)}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  await unlockRoutes(scope, staff);
}
