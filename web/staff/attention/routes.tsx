import type { FastifyInstance } from 'fastify';
import { readAttention } from '../../../client/attention.ts';
import { canUnlock } from '../../../domain/role.ts';
import { Live } from '../../ui/live.tsx';
import { readContacts } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { personZone, zonesOf } from '../zones.ts';
import { AttentionPage } from './page.tsx';
import { parseAttentionFilters, recordQuery } from './query.ts';

const PAGE = 40;

/** Adds `GET /attention`. */
export async function attentionRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store } = staff;

  scope.get('/attention', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseAttentionFilters(request.query);
    const { instance, location, after } = filters;
    const now = staff.now();
    const visible = await visibleTo(who, staff);
    const chosen = visible.filter((name) => instance === '' || name === instance);
    const places = await Promise.all(
      chosen.map(async (name) => ({ name, locations: await store.instances.locations(name) })),
    );
    const having = places.filter(({ locations }) => locations.includes(location)).map(({ name }) => name);
    // What concerns a whole instance is shown for a location only where the instance has it.
    const shown = location === '' || having.length === 0 ? chosen : having;
    const query = recordQuery(filters, shown);
    const [contactOf, facts, { found, more }] = await Promise.all([
      readContacts(staff, shown),
      readAttention(store, shown, { now, ...(location === '' ? {} : { location }) }),
      query === null ? { found: [], more: false } : store.records.attentionPage(query, after ?? null, PAGE),
    ]);
    const locations = [...new Set([...places.flatMap((one) => one.locations), location])];
    return sendPage(staff, request, reply, {
      shown: { kind: 'attention-listed', records: found },
      title: 'Needs attention',
      section: '/attention',
      children: (
        <Live now={now} zone={personZone(who, staff.instances)} path={request.url}>
          <AttentionPage
            {...{ filters, instances: visible, facts, records: found, more, zoneOf: zonesOf(staff), contactOf, now }}
            locations={locations.filter((name) => name !== '').sort()}
            mayUnlock={canUnlock(who)}
          />
        </Live>
      ),
    });
  });
}
