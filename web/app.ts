import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Tracing } from '../telemetry/tracing.ts';
import { type HealthOptions, healthRoutes } from './health.ts';
import { type HttpError, toHttpError } from './http/checks.ts';
import { traceRequests } from './traceRequests.ts';
import { type WebhookOptions, webhookRoutes } from './webhooks/receiver.ts';

/** Long enough for a secret in the path. */
const MAX_PARAMETER = 512;
/** The longest time in which a request may arrive, head and body. */
const REQUEST_MS = 10_000;
/** How often requests are found that take longer. */
const CHECK_MS = 1_000;

/** The headers of every answer that has no stricter ones: nothing is stored, guessed, framed or run. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

export interface WebAppOptions extends WebhookOptions {
  logger: Logger;
  health: HealthOptions;
  /** Adds the staff pages; they are left out without it. */
  pages?: (scope: FastifyInstance) => Promise<void>;
  /** The proxies whose `x-forwarded-for` is trusted. */
  trustedProxies?: readonly string[];
  /** Another time limit of requests, for tests. */
  requestMs?: number;
  tracing?: Pick<Tracing, 'request'> | null;
}

/**
 * Builds the web application, which does not listen yet. Requests are not logged, because URLs can contain a secret; the
 * webhook routes log one line per delivery themselves.
 */
export function buildWebApp(options: WebAppOptions): FastifyInstance {
  const { requestMs = REQUEST_MS } = options;
  const app = fastify({
    logger: false,
    trustProxy: [...(options.trustedProxies ?? [])],
    requestTimeout: requestMs,
    // A request that arrives while the server closes is served like any other.
    return503OnClosing: false,
    // Node's own limit of the head is longer, and it would then exchange the two. It looks for both only every half minute.
    http: { headersTimeout: requestMs, connectionsCheckingInterval: Math.min(CHECK_MS, requestMs) },
    routerOptions: { maxParamLength: MAX_PARAMETER },
    frameworkErrors: (error, _request, reply) => void answer(reply, toHttpError(error)),
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ accepted: false, why: 'no-such-page' }));
  app.setErrorHandler((error, request, reply) => {
    const refusal = toHttpError(error);
    // The error's text may contain parts of the request.
    if (refusal.status === 500) options.logger.error({ code: codeOf(error) }, 'a request failed');
    request.outcome ||= refusal.why;
    return answer(reply, refusal);
  });
  app.decorateRequest('outcome', '');
  if (options.tracing != null) traceRequests(app, options.tracing);
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
    // The proxy opens its next connection to another server.
    if (options.health.isDraining?.() === true) reply.header('connection', 'close');
  });
  app.register((scope) => webhookRoutes(scope, options));
  app.register((scope) => healthRoutes(scope, options.health));
  if (options.pages !== undefined) app.register(options.pages);
  return app;
}

function answer(reply: FastifyReply, { status, why, headers }: HttpError) {
  return reply
    .code(status)
    .headers({ ...HEADERS, ...headers })
    .send({ accepted: false, why });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The result of the request, for the log. */
    outcome: string;
  }
}
