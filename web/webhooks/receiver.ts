import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Webhook, webhooks } from '../../domain/webhookHealth.ts';
import type { WebhookSecrets } from '../../domain/webhookSecrets.ts';
import type { IncomingDelivery } from '../../store/deliveries.ts';
import { enforceRate, HttpError, rateLimit, withTimeout } from '../http/checks.ts';
import {
  chartIdentity,
  createKeyRings,
  eventNamed,
  hasSignature,
  hasValidSecret,
  type RefusedReason,
  secretRefusal,
  verifySignedDelivery,
} from './delivery.ts';

/** The maximum size of a body in bytes. */
const BODY_LIMIT = 256 * 1_024;

/** The accepted content types: JSON, also vendor types such as `application/vnd.x+json`. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** The burst that the rate limit accepts, as seconds of the rate. */
const BURST_SECONDS = 20;
/** Refused deliveries per address; beyond that the answer is 429 and nothing is audited. */
const REFUSALS = { perSecond: 1, burst: 60 };
/** Bodies with a signature that are read at a time per address, before it is known whether the signature is right. */
const UNVERIFIED = { perSecond: 10, burst: 200 };
const STORE_TIMEOUT_MS = 5_000;
const RETRY_AFTER = { 'retry-after': '30' };

export interface WebhookOptions {
  /** Returns the instances as they are now: the same list until one of them changes. */
  instances: () => readonly { name: string; webhookSecrets?: WebhookSecrets }[];
  deliveries: { add(arrival: IncomingDelivery): Promise<'new' | 'counted' | 'repeated'> };
  now: () => Date;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  webhooksPerSecond: number;
  /** Called when a delivery is stored. */
  onAccepted?: () => void;
  /** Called when a delivery is not authenticated. `instance` is null when no instance has the name in the URL. */
  onRefused?: (instance: string | null, webhook: Webhook, reason: RefusedReason) => void | Promise<void>;
  /** Called when an authenticated delivery was answered 429, 500 or 503, so the receiver was not fully up. */
  onNotAccepted?: () => void;
  /** Called for each request, with the status of the answer. */
  onAnswered?: (instance: string | null, webhook: Webhook, status: number) => void;
  /** Returns the trace of the request, which is stored with the delivery. */
  trace?: () => string | null;
}

type Params = { instance: string; secret?: string };
type Delivery = FastifyRequest<{ Params: Params }>;

/** Adds `POST /webhooks/<instance>/<webhook>`, and the same with `/<secret>` appended. */
export async function webhookRoutes(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  const { deliveries, now, logger } = options;
  let known = knownSenders(options.instances());
  const refusing = new Set<Promise<void>>();

  const perSecond = options.webhooksPerSecond;
  const instanceRate = rateLimit({ perSecond, burst: perSecond * BURST_SECONDS }, now);
  // Separate from the rate of the instance, so that a sender without a secret cannot use that up.
  const addressRate = rateLimit(REFUSALS, now);
  const unverifiedRate = rateLimit(UNVERIFIED, now);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.decorateRequest('bySecret', false);
  app.addHook('onClose', async () => void (await Promise.all(refusing)));

  for (const webhook of webhooks) {
    for (const url of [`/webhooks/:instance/${webhook}`, `/webhooks/:instance/${webhook}/:secret`]) {
      app.route<{ Params: Params }>({
        method: 'POST',
        url,
        bodyLimit: BODY_LIMIT,
        onRequest: (request) => checkSecret(request, webhook),
        handler: (request, reply) => receive(request, reply, webhook),
        onResponse: async (request, reply) => log(request, reply, webhook),
      });
      app.route({
        method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        onRequest: async () => {
          throw new HttpError(405, 'post-only', { allow: 'POST' });
        },
        handler: () => undefined,
      });
    }
  }

  /** Runs before the body is read: only a request with a valid secret or a signature gets its body read. */
  async function checkSecret(request: Delivery, webhook: Webhook): Promise<void> {
    request.bySecret = hasValidSecret(senders().ringOf(request.params.instance, webhook), request);
    if (request.bySecret) enforceInstanceRate(request);
    else if (!hasSignature(request)) await refuse(request, webhook, secretRefusal(request));
    // A valid signature gets it back. Junk uses it up, and then its body is not even read.
    else enforceRate(unverifiedRate, request.ip);
  }

  async function receive(request: Delivery, reply: FastifyReply, webhook: Webhook): Promise<FastifyReply> {
    try {
      return await store(request, reply, webhook);
    } catch (error) {
      // Our own error: the answer is 500, and the delivery is lost.
      if (!(error instanceof HttpError)) options.onNotAccepted?.();
      throw error;
    }
  }

  /** Enforces the rate of the instance. An authenticated delivery that is refused here counts as a gap in our uptime. */
  function enforceInstanceRate(request: Delivery): void {
    try {
      enforceRate(instanceRate, request.params.instance);
    } catch (error) {
      options.onNotAccepted?.();
      throw error;
    }
  }

  async function store(request: Delivery, reply: FastifyReply, webhook: Webhook): Promise<FastifyReply> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const webhookId = request.bySecret ? null : await checkSignature(request, webhook, body);
    const parsed = parseJsonBody(body);
    // The address is not under a signature, and two addresses are easily swapped in KIPU.
    if ((eventNamed(parsed) ?? webhook) !== webhook) throw new HttpError(422, 'other-event');
    const casefileId = chartIdentity(parsed);
    if (casefileId === null) throw new HttpError(422, 'no-chart-named');
    const { instance } = request.params;
    try {
      const adding = deliveries.add({
        ...{ instance, webhook, casefileId, webhookId },
        at: now(),
        trace: options.trace?.(),
      });
      request.outcome = await withTimeout(STORE_TIMEOUT_MS, adding);
    } catch {
      options.onNotAccepted?.();
      throw new HttpError(503, 'try-again', RETRY_AFTER);
    }
    options.onAccepted?.();
    return reply.code(202).send({ accepted: true });
  }

  async function checkSignature(request: Delivery, webhook: Webhook, body: Buffer): Promise<string> {
    const checked = verifySignedDelivery(senders().ringOf(request.params.instance, webhook), request, body, now());
    if ('refused' in checked) return refuse(request, webhook, checked.refused);
    unverifiedRate.giveBack(request.ip);
    enforceInstanceRate(request);
    return checked.webhookId;
  }

  /** Answers 401, the same for an unknown instance as for a wrong secret. */
  async function refuse(request: Delivery, webhook: Webhook, reason: RefusedReason): Promise<never> {
    enforceRate(addressRate, request.ip);
    const instance = nameOf(request);
    const why = instance === null ? 'unknown-instance' : reason;
    request.outcome = why;
    const auditing = (async () => options.onRefused?.(instance, webhook, why))()
      .catch(() => logger.error({ instance, webhook }, 'a refused webhook could not be audited'))
      .finally(() => refusing.delete(auditing));
    refusing.add(auditing);
    throw new HttpError(401, 'unauthorized', { 'www-authenticate': 'Bearer' });
  }

  /** Returns the instances with their keys, which are made anew when an instance has changed. */
  function senders() {
    const instances = options.instances();
    if (known.instances !== instances) known = knownSenders(instances);
    return known;
  }

  function nameOf(request: FastifyRequest): string | null {
    // Only routes with this parameter call this.
    const { instance } = request.params as Params;
    return senders().names.has(instance) ? instance : null;
  }

  function log(request: Delivery, reply: FastifyReply, webhook: Webhook): void {
    const { outcome } = request;
    const fields = { instance: nameOf(request), webhook, outcome, status: reply.statusCode };
    options.onAnswered?.(fields.instance, webhook, fields.status);
    logger[reply.statusCode < 300 ? 'info' : 'warn'](fields, 'webhook received');
  }
}

function knownSenders(instances: ReturnType<WebhookOptions['instances']>) {
  return { instances, ringOf: createKeyRings(instances), names: new Set(instances.map(({ name }) => name)) };
}

/** Parses a body as JSON in UTF-8. @throws HttpError 400 when it is not valid. */
function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new HttpError(400, 'invalid-json');
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request has a valid secret of the instance. */
    bySecret: boolean;
  }
}
