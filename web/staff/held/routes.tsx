import type { FastifyInstance } from 'fastify';
import { readLockedCount } from '../../../client/attention.ts';
import { keepBriefly } from '../../../client/keepBriefly.ts';
import { canUnlock } from '../../../domain/role.ts';
import { MINUTE_MS } from '../../../domain/time.ts';
import { readPlaces } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { filtersQuery, heldList, heldQuery, isFiltered, parseHeldFilters } from '../heldQuery.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { followSaved } from '../savedFilters.ts';
import { personZone, zonesOf } from '../zones.ts';
import { HeldList } from './page.tsx';
import { MAX_SELECTED, unlockRoutes } from './unlockRoutes.tsx';

const PAGE = 50;
/** How long the choices of a filter are kept that are read from the records themselves. */
const LEVELS_MS = MINUTE_MS;

/** Adds `GET /held` and the unlock of several records. */
export async function heldRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const zoneOf = zonesOf(staff);
  const keptLevels = keepBriefly<string[]>(LEVELS_MS);

  scope.get('/held', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseHeldFilters(request.query);
    const saved = await followSaved(staff, request, heldList, filtersQuery(filters));
    if (saved !== null) return reply.redirect(saved, 303);
    const instances = await visibleTo(who, staff);
    const query = heldQuery(filters, instances, now());
    const [{ contactOf, locationsOf }, { found, more }, total, matched, levels] = await Promise.all([
      readPlaces(staff, instances),
      store.records.heldPage(query, filters.after ?? null, PAGE),
      readLockedCount(store, instances, now()),
      isFiltered(filters) ? store.records.heldCount(query) : null,
      keptLevels.recent(store, JSON.stringify(instances), now(), () => store.records.heldLevels(instances)),
    ]);
    const matching = matched ?? total;
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
          locations={sorted(...query.instances.flatMap(locationsOf), filters.location)}
          levels={sorted(...levels, filters.level)}
          mayUnlock={canUnlock(who)}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  await unlockRoutes(scope, staff);
}
