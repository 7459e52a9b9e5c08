import type { FastifyInstance } from 'fastify';
import { canUnlock } from '../../../domain/role.ts';
import { readPlaces } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { followSaved } from '../savedFilters.ts';
import { personZone, readReferralZones, todayOf } from '../zones.ts';
import { exportRoutes } from './exportRoutes.tsx';
import { ReferralList } from './page.tsx';
import { filtersQuery, parseReferralFilters, referralQuery, referralsList } from './query.ts';

const PAGE = 50;

/** Adds `GET /referrals` and the export. */
export async function referralRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/referrals', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = { ...parseReferralFilters(request.query), recordId: '' };
    const saved = await followSaved(staff, request, referralsList, filtersQuery(filters));
    if (saved !== null) return reply.redirect(saved, 303);
    const instances = await visibleTo(who, staff);
    const query = referralQuery(filters, instances, todayOf(staff));
    const [{ found, more }, { locationsOf }] = await Promise.all([
      store.referrals.page(query, filters.sort, filters.after ?? null, PAGE),
      readPlaces(staff, query.instances),
    ]);
    const zoneOf = await readReferralZones(staff, found);
    return sendPage(staff, request, reply, {
      shown: { kind: 'referrals-listed', records: found },
      title: 'Referrals',
      section: '/referrals',
      children: (
        <ReferralList
          {...{
            filters,
            instances,
            found,
            more,
            mayExport: canUnlock(who),
            zoneOf,
            pageZone: personZone(who, staff.instances),
            now: now(),
          }}
          locations={[...new Set([...query.instances.flatMap(locationsOf), filters.facility])]
            .filter((name) => name !== '')
            .sort()}
        />
      ),
    });
  });

  exportRoutes(scope, staff);
}
