import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { canUnlock } from '../../../domain/role.ts';
import { Notice, Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../options.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { HeldList, Search } from './page.tsx';
import { heldQuery, parseHeldFilters } from './query.ts';
import { HeldTable } from './table.tsx';
import { unlockRoutes } from './unlockRoutes.tsx';

const PAGE = 50;

const searched = z.object({ typed: z.string().max(100).catch(''), everywhere: z.literal('1').optional() });

/** `GET /held`, and what is done from there by POST. */
export async function heldRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/held', async (request, reply) => {
    const who = signedInUserOf(request);
    const asked = parseHeldFilters(request.query);
    const instances = await visibleTo(who, staff);
    const query = heldQuery(asked, instances, now());
    const [{ found, more }, ...locations] = await Promise.all([
      store.records.heldPage(query, asked.after ?? null, PAGE),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    return sendPage(request, reply, {
      title: 'Held records',
      section: '/held',
      children: (
        <HeldList
          {...{ asked, instances, found, more, now: now() }}
          locations={[...new Set([...locations.flat(), asked.location])].filter((name) => name !== '').sort()}
          mayUnlock={canUnlock(who)}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  scope.post('/held/search', { config: { needs: 'see' } }, async (request, reply) => {
    const { typed, everywhere } = searched.parse(request.body);
    const instances = await visibleTo(signedInUserOf(request), staff);
    const { found, more } = await store.records.search(typed, { instances, held: !everywhere, limit: PAGE });
    return sendPage(request, reply, {
      title: 'Search',
      section: '/held',
      children: (
        <>
          <Title text="Search" under="By the beginning of a first name, a last name or a record number." />
          <Search csrf={request.csrfToken()} typed={typed} everywhere={everywhere === '1'} />
          {more && <Notice tone="plain">There are more than {PAGE}: type more of it.</Notice>}
          {found.length === 0 ? (
            <p class="empty sheet">Nobody is found{everywhere ? '' : ' among what is held'}.</p>
          ) : (
            <HeldTable caption="Found" records={found} now={now()} status />
          )}
          <p>
            <a href="/held">Back to what is held</a>
          </p>
        </>
      ),
    });
  });

  await unlockRoutes(scope, staff);
}
