import type { FastifyInstance } from 'fastify';
import type { RequestSpan, Tracing } from '../telemetry/tracing.ts';

/** Makes a span of each request, except of the health checks, named by the template of its address. */
export function traceRequests(app: FastifyInstance, tracing: Pick<Tracing, 'request'>): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url.startsWith('/health/')) return done();
    request.span = tracing.request();
    request.span.run(done);
  });
  // A body is read from events of its connection, which know nothing of the span.
  app.addHook('preValidation', (request, _reply, done) => (request.span === null ? done() : request.span.run(done)));
  app.addHook('onResponse', async ({ span, method, routeOptions }, { statusCode: status }) =>
    span?.end({ method, route: routeOptions.url ?? null, status }),
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where requests are not traced. */
    span: RequestSpan | null;
  }
}
