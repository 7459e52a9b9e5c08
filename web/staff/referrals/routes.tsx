import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { audit } from '../../../client/audit.ts';
import { canUnlock } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { csvOf } from './csv.ts';
import { ReferralList } from './page.tsx';
import { filtersQuery, parseReferralFilters, referralQuery } from './query.ts';

const PAGE = 50;

/** Adds `GET /referrals` and `POST /referrals.csv`. The export is a POST because it is audited: a link must not start one. */
export async function referralRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/referrals', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseReferralFilters(request.query);
    const instances = await visibleTo(who, staff);
    const query = referralQuery(filters, instances);
    const [{ found, more }, ...locations] = await Promise.all([
      store.referrals.page(query, filters.sort, filters.after ?? null, PAGE),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    return sendPage(request, reply, {
      title: 'Referrals',
      section: '/referrals',
      children: (
        <ReferralList
          {...{ filters, instances, found, more, mayExport: canUnlock(who), now: now() }}
          locations={[...new Set([...locations.flat(), filters.facility])].filter((name) => name !== '').sort()}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  scope.post('/referrals.csv', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseReferralFilters(request.body);
    const query = referralQuery(filters, await visibleTo(who, staff));
    const filtered = Object.entries(filtersQuery(filters)).map(([name, value]) => `${name} ${value}`);
    await audit(store, {
      ...{ who: who.user, what: 'referrals-exported', record: null, why: null },
      instance: filters.instance || null,
      outcome: `instances ${query.instances.join(', ')}${filtered.length === 0 ? '' : `; ${filtered.join(', ')}`}`,
    });
    const file = `referrals-${now().toISOString().slice(0, 10)}.csv`;
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Readable.from(csvOf(store.referrals.all(query))));
  });
}
