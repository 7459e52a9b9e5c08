import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Logger } from 'pino';
import { type HealthOptions, healthRoutes } from './health.ts';
import { type HttpError, toHttpError } from './http/errors.ts';
import { type WebhookOptions, webhookRoutes } from './webhooks/receiver.ts';

/** Long enough for a secret in the path. */
const LONGEST_PARAMETER = 512;
const REQUEST_MS = 10_000;

export interface WebAppOptions extends WebhookOptions {
  logger: Logger;
  health: HealthOptions;
  /** Adds the staff's pages; without it there are none. */
  pages?: (scope: FastifyInstance) => Promise<void>;
  /** Whose word on a sender's address is believed. */
  trustedProxies?: readonly string[];
}

/**
 * Builds the web application; whoever wants it to listen calls `listen`. It logs a line of its own for each delivery, and
 * never an address: one may hold a secret.
 */
export function buildWebApp(options: WebAppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: [...(options.trustedProxies ?? [])],
    requestTimeout: REQUEST_MS,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, _request, reply) => void answer(reply, toHttpError(error)),
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ accepted: false, why: 'no-such-page' }));
  app.setErrorHandler((error, request, reply) => {
    const refusal = toHttpError(error);
    // Its text may hold whatever the request held.
    if (refusal.status === 500) options.logger.error({ code: codeOf(error) }, 'a request failed');
    request.outcome ||= refusal.why;
    return answer(reply, refusal);
  });
  app.decorateRequest('outcome', '');
  app.register((scope) => webhookRoutes(scope, options));
  app.register((scope) => healthRoutes(scope, options.health));
  if (options.pages !== undefined) app.register(options.pages);
  return app;
}

function answer(reply: FastifyReply, { status, why, headers }: HttpError) {
  return reply.code(status).headers(headers).send({ accepted: false, why });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What came of it, for our log. */
    outcome: string;
  }
}
