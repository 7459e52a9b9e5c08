import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { canUnlock } from '../../../domain/role.ts';
import { Notice, Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { zonesOf } from '../zones.ts';
import { HeldList, Search } from './page.tsx';
import { heldQuery, parseHeldFilters } from './query.ts';
import { HeldTable } from './table.tsx';
import { unlockRoutes } from './unlockRoutes.tsx';

const PAGE = 50;

const searchForm = z.object({ typed: z.string().max(100).catch(''), everywhere: z.literal('1').optional() });

/** Adds `GET /held`, the search and the unlock of several records. */
export async function heldRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const zoneOf = zonesOf(staff);

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
          {...{ filters, instances, found, more, zoneOf, now: now() }}
          locations={[...new Set([...locations.flat(), filters.location])].filter((name) => name !== '').sort()}
          mayUnlock={canUnlock(who)}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  scope.post('/held/search', { config: { needs: 'see' } }, async (request, reply) => {
    const { typed, everywhere } = searchForm.parse(request.body);
    const instances = await visibleTo(signedInUserOf(request), staff);
    const { found, more } = await store.records.search(typed, { instances, held: !everywhere, limit: PAGE });
    return sendPage(staff, request, reply, {
      shown: { kind: 'search', records: found },
      title: 'Search',
      section: '/held',
      children: (
        <>
          <Title text="Search" under="Searches for the beginning of a first name, a last name or an MR number." />
          <Search csrf={request.csrfToken()} typed={typed} everywhere={everywhere === '1'} />
          {more && <Notice tone="plain">More than {PAGE} matches. Type more of the name to narrow the search.</Notice>}
          {found.length === 0 ? (
            <p class="empty sheet">
              {everywhere
                ? `No patient matches “${typed}”.`
                : `No locked patient matches “${typed}”. Check “Include all patients” to search everyone.`}
            </p>
          ) : (
            <HeldTable caption="Search results" records={found} zoneOf={zoneOf} now={now()} status />
          )}
          <p>
            <a href="/held">Back to locked records</a>
          </p>
        </>
      ),
    });
  });

  await unlockRoutes(scope, staff);
}
