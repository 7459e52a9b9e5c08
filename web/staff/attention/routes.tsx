import type { FastifyInstance } from 'fastify';
import { readAttention, readAttentionAt } from '../../../client/attention.ts';
import { canUnlock } from '../../../domain/role.ts';
import { Live } from '../../ui/live.tsx';
import { readPlaces } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { attentionScope } from '../frame.ts';
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
    const { locationsOf, contactOf } = await readPlaces(staff, chosen);
    const having = chosen.filter((name) => locationsOf(name).includes(location));
    // What concerns a whole instance is shown for a location only where the instance has it.
    const shown = location === '' || having.length === 0 ? chosen : having;
    const query = recordQuery(filters, shown);
    const scope = attentionScope(staff, shown);
    const [facts, { found, more }] = await Promise.all([
      location === '' ? readAttention(store, scope, now) : readAttentionAt(store, scope, { now, location }),
      query === null ? { found: [], more: false } : store.records.attentionPage(query, after ?? null, PAGE),
    ]);
    const locations = [...new Set([...chosen.flatMap(locationsOf), location])];
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
