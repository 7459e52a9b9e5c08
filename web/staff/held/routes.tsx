import type { FastifyInstance } from 'fastify';
import { canUnlock } from '../../../domain/role.ts';
import { readContacts } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { filtersQuery, heldList, heldQuery, parseHeldFilters } from '../heldQuery.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { followSaved } from '../savedFilters.ts';
import { personZone, zonesOf } from '../zones.ts';
import { HeldList } from './page.tsx';
import { MAX_SELECTED, unlockRoutes } from './unlockRoutes.tsx';

const PAGE = 50;

/** Adds `GET /held` and the unlock of several records. */
export async function heldRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const zoneOf = zonesOf(staff);

  scope.get('/held', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseHeldFilters(request.query);
    const saved = await followSaved(staff, request, heldList, filtersQuery(filters));
    if (saved !== null) return reply.redirect(saved, 303);
    const instances = await visibleTo(who, staff);
    const query = heldQuery(filters, instances, now());
    const [contactOf, { found, more }, total, matching, levels, ...locations] = await Promise.all([
      readContacts(staff, instances),
      store.records.heldPage(query, filters.after ?? null, PAGE),
      store.records.heldCount({ instances }),
      store.records.heldCount(query),
      store.records.heldLevels(instances),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    const sorted = (...all: string[]) => [...new Set(all)].filter((name) => name !== '').sort();
    return sendPage(staff, request, reply, {
      shown: { kind: 'holds-listed', records: found },
      title: 'Locked records',
      section: '/held',
      children: (
        <HeldList
          {...{
            filters,
            instances,
            found,
            more,
            total,
            matching,
            zoneOf,
            contactOf,
            zone: personZone(who, staff.instances),
            now: now(),
            maxSelected: MAX_SELECTED,
          }}
          locations={sorted(...locations.flat(), filters.location)}
          levels={sorted(...levels, filters.level)}
          mayUnlock={canUnlock(who)}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  await unlockRoutes(scope, staff);
}
