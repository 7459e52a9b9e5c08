import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { audit } from '../../../client/audit.ts';
import { canUnlock } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../options.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { csvOf } from './csv.ts';
import { ReferralList } from './page.tsx';
import { filtersQuery, parseReferralFilters, referralQuery } from './query.ts';

const PAGE = 50;

/** `GET /referrals`, and `POST /referrals.csv`: an export is audited, so nobody's link may start one. */
export async function referralRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/referrals', async (request, reply) => {
    const who = signedInUserOf(request);
    const asked = parseReferralFilters(request.query);
    const instances = await visibleTo(who, staff);
    const query = referralQuery(asked, instances);
    const [{ found, more }, ...locations] = await Promise.all([
      store.referrals.page(query, asked.sort, asked.after ?? null, PAGE),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    return sendPage(request, reply, {
      title: 'Referrals',
      section: '/referrals',
      children: (
        <ReferralList
          {...{ asked, instances, found, more, mayExport: canUnlock(who), now: now() }}
          locations={[...new Set([...locations.flat(), asked.facility])].filter((name) => name !== '').sort()}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  scope.post('/referrals.csv', async (request, reply) => {
    const who = signedInUserOf(request);
    const asked = parseReferralFilters(request.body);
    const query = referralQuery(asked, await visibleTo(who, staff));
    const narrowed = Object.entries(filtersQuery(asked)).map(([name, value]) => `${name} ${value}`);
    await audit(store, {
      ...{ who: who.user, what: 'referrals-exported', record: null, why: null },
      instance: asked.instance || null,
      outcome: `instances ${query.instances.join(', ')}${narrowed.length === 0 ? '' : `; ${narrowed.join(', ')}`}`,
    });
    const file = `referrals-${now().toISOString().slice(0, 10)}.csv`;
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Readable.from(csvOf(store.referrals.all(query))));
  });
}
