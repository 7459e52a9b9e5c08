import type { FastifyInstance } from 'fastify';
import type { StaffContext } from './context.ts';
import { sendPage } from './respond.ts';

/** Adds `GET /frame`: a page without content, from which the script of an open page takes the banners and the counts. */
export async function frameRoute(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/frame', { config: { background: true } }, async (request, reply) =>
    sendPage(staff, request, reply, { title: 'KIPU Referrals', shown: null, children: null }),
  );
}
