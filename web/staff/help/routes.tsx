import type { FastifyInstance } from 'fastify';
import { isAllowed } from '../../../domain/role.ts';
import type { StaffContext } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { GuidePage } from './page.tsx';
import { adminGuides, type Guide, staffGuide } from './texts.ts';

/** Adds `GET /help` for everybody who is signed in, and `GET /help/:guide` for administrators. */
export async function helpRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/help', (request, reply) =>
    sendPage(staff, request, reply, {
      ...{ title: staffGuide.title, shown: null },
      children: (
        <GuidePage guide={staffGuide} guides={isAllowed(signedInUserOf(request).role, 'administer')} back={false} />
      ),
    }),
  );

  scope.get<{ Params: { guide: string } }>('/help/:guide', { config: { needs: 'administer' } }, (request, reply) => {
    const guide = new Map<string, Guide>(Object.entries(adminGuides)).get(request.params.guide);
    if (guide === undefined) throw notFound();
    return sendPage(staff, request, reply, {
      ...{ title: guide.title, shown: null },
      children: <GuidePage guide={guide} guides={false} back />,
    });
  });
}
