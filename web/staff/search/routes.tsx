import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addHours } from '../../../domain/time.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { SearchHelp, SearchResults } from './page.tsx';

const LIMIT = 50;
/** How long a search can be reloaded. */
const KEPT_HOURS = 1;

const form = z.object({ typed: z.string().trim().max(100).catch('') });
const query = z.object({
  s: z.string().max(40).optional().catch(undefined),
  /** Only locked records. */
  locked: z.literal('1').optional().catch(undefined),
});

/**
 * Adds the search for patients. `POST /search` keeps what was typed and redirects to an opaque address, so that no name gets
 * into an address or the browser's history, and going back and reloading work.
 */
export async function searchRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.post('/search', { config: { needs: 'see' } }, async (request, reply) => {
    const { typed } = form.parse(request.body);
    if (typed === '') return reply.redirect('/search', 303);
    const { user } = signedInUserOf(request);
    const id = await store.pageStates.add(user, { kind: 'search', typed }, addHours(now(), KEPT_HOURS));
    return reply.redirect(`/search?s=${id}`, 303);
  });

  scope.get('/search', async (request, reply) => {
    const who = signedInUserOf(request);
    const { s, locked } = query.parse(request.query);
    const kept = s === undefined ? null : await store.pageStates.get(s, who.user, now());
    if (s === undefined || kept?.kind !== 'search')
      return sendPage(staff, request, reply, {
        ...{ title: 'Search', shown: null },
        children: <SearchHelp expired={s !== undefined} />,
      });
    const { typed } = kept;
    const instances = await visibleTo(who, staff);
    const { found, more } = await store.records.search(typed, { instances, held: locked === '1', limit: LIMIT });
    return sendPage(staff, request, reply, {
      ...{ title: 'Search', typed, shown: { kind: 'search', records: found } },
      children: <SearchResults {...{ id: s, typed, found, more, limit: LIMIT, lockedOnly: locked === '1' }} />,
    });
  });
}
