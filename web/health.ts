import type { FastifyInstance } from 'fastify';
import type { InstanceFreshness } from '../client/freshness.ts';
import { withTimeout } from './http/timeouts.ts';

const PATIENCE_MS = 3_000;

export interface HealthOptions {
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Every instance of the settings. */
  freshness(): Promise<InstanceFreshness[]>;
  /** How long the database may take, in milliseconds. */
  patienceMs?: number;
}

/**
 * `GET /health/live` (the process runs), `/health/ready` (deliveries can be stored) and `/health/freshness` (every
 * instance had a completed run lately; 503 where one had not). Names of instances and locations, times and counts; nothing of a patient.
 */
export async function healthRoutes(app: FastifyInstance, options: HealthOptions): Promise<void> {
  const { ping, freshness, patienceMs = PATIENCE_MS } = options;
  app.get('/health/live', async () => ({ ok: true }));

  app.get('/health/ready', async (_request, reply) => {
    const ok = await withTimeout(patienceMs, ping()).then(
      () => true,
      () => false,
    );
    return reply.code(ok ? 200 : 503).send({ ok });
  });

  app.get('/health/freshness', async (_request, reply) => {
    const instances = await withTimeout(patienceMs, freshness()).catch(() => null);
    const ok = instances?.every(({ fresh }) => fresh) ?? false;
    return reply
      .code(ok ? 200 : 503)
      .send({ ok, ...(instances === null ? { why: 'store-unavailable' } : { instances }) });
  });
}
