import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Adds `GET /session`, which says in how many seconds the session ends, and `POST /session`, which extends it. */
export function sessionRoutes(scope: FastifyInstance, now: () => Date): void {
  // Also for people who have something to do first.
  const config = { needs: 'nothing' } as const;
  scope.get('/session', { config: { ...config, background: true } }, async (request, reply) => answer(request, reply));
  scope.post('/session', { config }, async (request, reply) => answer(request, reply));

  function answer({ sessionEndsAt }: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (sessionEndsAt === null) return reply.code(401).send({ seconds: 0 });
    return reply.send({ seconds: Math.max(0, Math.floor((sessionEndsAt.getTime() - now().getTime()) / 1_000)) });
  }
}
