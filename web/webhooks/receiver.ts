import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Webhook, webhooks } from '../../domain/webhookHealth.ts';
import type { IncomingDelivery } from '../../store/deliveries.ts';
import { HttpError } from '../http/errors.ts';
import { enforceRate, rateLimit } from '../http/rateLimit.ts';
import { withTimeout } from '../http/timeouts.ts';
import {
  hasSignature,
  hasValidSecret,
  type RefusedReason,
  secretRefusal,
  verifySignedDelivery,
} from './authenticate.ts';
import { BODY_LIMIT, JSON_TYPE, parseJsonBody } from './body.ts';
import { chartIdentity } from './chartIdentity.ts';
import { createKeyRings } from './secrets.ts';

/** A burst of so many seconds' worth is taken at once. */
const BURST_SECONDS = 20;
/** Refusals per address for want of a secret; whoever goes on is answered 429, and no more of it is audited. */
const REFUSED = { perSecond: 1, burst: 60 };
const STORE_MS = 5_000;
const RETRY_AFTER = { 'retry-after': '30' };

export interface WebhookOptions {
  instances: readonly { name: string; webhookSecrets?: readonly string[] }[];
  deliveries: { add(arrival: IncomingDelivery): Promise<'new' | 'counted' | 'repeated'> };
  now: () => Date;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  webhooksPerSecond: number;
  /** A delivery is stored. */
  onAccepted?: () => void;
  /** A delivery did not prove where it came from. `instance` is null where there is none of the name that was called. */
  onRefused?: (instance: string | null, webhook: Webhook, reason: RefusedReason) => void | Promise<void>;
  /** A genuine delivery was answered 429, 500 or 503: the receiver was not really up. */
  onSentAway?: () => void;
}

type Params = { instance: string; secret?: string };
type Delivery = FastifyRequest<{ Params: Params }>;

/** `POST /webhooks/<instance>/<webhook>`, and the same with a secret behind. */
export async function webhookRoutes(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  const { deliveries, now, logger } = options;
  const ringOf = createKeyRings(options.instances);
  const names = new Set(options.instances.map(({ name }) => name));
  const refusing = new Set<Promise<void>>();

  const perSecond = options.webhooksPerSecond;
  const ofInstance = rateLimit({ perSecond, burst: perSecond * BURST_SECONDS }, now);
  // Apart from the instance's own, so that nobody without a secret can use that up.
  const ofAddress = rateLimit(REFUSED, now);

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

  /** Before the body is read: only a signature, which is over the body, is worth reading it. */
  async function checkSecret(request: Delivery, webhook: Webhook): Promise<void> {
    request.bySecret = hasValidSecret(ringOf(request.params.instance), request);
    if (request.bySecret) keepInstanceRate(request);
    else if (!hasSignature(request)) await refuse(request, webhook, secretRefusal(request));
  }

  async function receive(request: Delivery, reply: FastifyReply, webhook: Webhook): Promise<FastifyReply> {
    try {
      return await store(request, reply, webhook);
    } catch (error) {
      // A fault of ours: it is answered 500, and the delivery is lost.
      if (!(error instanceof HttpError)) options.onSentAway?.();
      throw error;
    }
  }

  /** A delivery that proved where it came from, and is sent away all the same, is missing on our side. */
  function keepInstanceRate(request: Delivery): void {
    try {
      enforceRate(ofInstance, request.params.instance);
    } catch (error) {
      options.onSentAway?.();
      throw error;
    }
  }

  async function store(request: Delivery, reply: FastifyReply, webhook: Webhook): Promise<FastifyReply> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const webhookId = request.bySecret ? null : await checkSignature(request, webhook, body);
    const casefileId = chartIdentity(parseJsonBody(body));
    if (casefileId === null) throw new HttpError(422, 'no-chart-named');
    const { instance } = request.params;
    try {
      const taken = deliveries.add({ instance, webhook, casefileId, webhookId, at: now() });
      request.outcome = await withTimeout(STORE_MS, taken);
    } catch {
      options.onSentAway?.();
      throw new HttpError(503, 'come-again', RETRY_AFTER);
    }
    options.onAccepted?.();
    return reply.code(202).send({ accepted: true });
  }

  async function checkSignature(request: Delivery, webhook: Webhook, body: Buffer): Promise<string> {
    const checked = verifySignedDelivery(ringOf(request.params.instance), request, body, now());
    if ('refused' in checked) return refuse(request, webhook, checked.refused);
    keepInstanceRate(request);
    return checked.webhookId;
  }

  /** An unknown instance is answered as a known one with another secret. */
  async function refuse(request: Delivery, webhook: Webhook, reason: RefusedReason): Promise<never> {
    enforceRate(ofAddress, request.ip);
    const instance = nameOf(request);
    const why = instance === null ? 'unknown-instance' : reason;
    request.outcome = why;
    const told = (async () => options.onRefused?.(instance, webhook, why))()
      .catch(() => logger.error({ instance, webhook }, 'a refused webhook could not be audited'))
      .finally(() => refusing.delete(told));
    refusing.add(told);
    throw new HttpError(401, 'unauthorized', { 'www-authenticate': 'Bearer' });
  }

  function nameOf(request: FastifyRequest): string | null {
    // Only routes with this parameter come here.
    const { instance } = request.params as Params;
    return names.has(instance) ? instance : null;
  }

  function log(request: Delivery, reply: FastifyReply, webhook: Webhook): void {
    const { outcome } = request;
    const facts = { instance: nameOf(request), webhook, outcome, status: reply.statusCode };
    logger[reply.statusCode < 300 ? 'info' : 'warn'](facts, 'a webhook came');
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** It brought a secret of the instance. */
    bySecret: boolean;
  }
}
