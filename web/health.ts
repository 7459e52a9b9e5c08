import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { InstanceFreshness } from '../client/freshness.ts';
import { isLoopback } from '../config/insecure.ts';
import type { VisibleInstances } from '../domain/role.ts';
import { createCookies, type Sessions } from './auth/index.ts';
import { equalInConstantTime, withTimeout } from './http/checks.ts';

const HEALTH_MS = 3_000;

export interface HealthOptions {
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Whether the server is about to stop: proxies are to send it nothing new. */
  isDraining?(): boolean;
  /** Returns the freshness of every instance in the settings. */
  freshness(): Promise<InstanceFreshness[]>;
  /** Returns the instances whose freshness the sender may see; null where it may only learn whether all are fresh. */
  visibleTo(request: FastifyRequest): Promise<VisibleInstances | null>;
  /** How long the database may take to answer. */
  timeoutMs?: number;
}

/**
 * Adds `GET /health/live` (the process runs), `/health/ready` (deliveries can be stored, and it is not about to stop) and
 * `/health/freshness` (every instance had a completed run recently, otherwise 503). Strangers only get `ok`: the names of
 * instances and the times of their webhooks say whose patients are here, and when one was admitted.
 */
export async function healthRoutes(app: FastifyInstance, options: HealthOptions): Promise<void> {
  const { ping, isDraining = () => false, freshness, visibleTo, timeoutMs = HEALTH_MS } = options;
  await app.register(cookie);
  app.get('/health/live', async () => ({ ok: true }));

  app.get('/health/ready', async (_request, reply) => {
    const answers = await withTimeout(timeoutMs, ping()).then(
      () => true,
      () => false,
    );
    const ok = answers && !isDraining();
    return reply.code(ok ? 200 : 503).send({ ok });
  });

  app.get('/health/freshness', async (request, reply) => {
    const instances = await withTimeout(timeoutMs, freshness()).catch(() => null);
    const ok = instances?.every(({ fresh }) => fresh) ?? false;
    const visible = await withTimeout(timeoutMs, visibleTo(request)).catch(() => null);
    const details =
      instances === null
        ? { why: 'store-unavailable' }
        : { instances: instances.filter(({ instance }) => visible === '*' || visible?.includes(instance)) };
    return reply.code(ok ? 200 : 503).send({ ok, ...(visible === null ? {} : details) });
  });
}

interface HealthReadersOptions {
  /** The bearer token of the monitoring; null where there is none. */
  token: string | null;
  /** Whether the pages are served by https, which decides the name of the cookie. */
  https: boolean;
  /** The proxies in front of this process. With one on this machine, requests of strangers come from this machine too. */
  trustedProxies: readonly string[];
  sessions: Pick<Sessions, 'who'>;
}

/**
 * The headers that a proxy adds: behind one, the address of the connection says nothing about the sender. Not every proxy adds
 * one by itself: nginx adds none, and sends HTTP/1.0 and its own name for us as the host.
 */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

/** Returns a function for the instances whose freshness a sender may see: with the token, signed in, or on this machine. */
export function createHealthReaders({ token, https, trustedProxies, sessions }: HealthReadersOptions) {
  const cookies = createCookies(https);
  const proxyHere = trustedProxies.some(isOnThisMachine);
  return async (request: FastifyRequest): Promise<VisibleInstances | null> => {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== null && bearer !== undefined && equalInConstantTime(bearer, token)) return '*';
    // A page of another site that is open on this machine may send requests here, but not with our host.
    const { hostname } = request;
    const forwarded =
      proxyHere || request.raw.httpVersion === '1.0' || FORWARDED.some((name) => request.headers[name] !== undefined);
    if (!forwarded && isLoopback(request.ip) && isLoopback(hostname)) return '*';
    const cookie = cookies.read(request, 'session');
    const session = cookie === null ? null : await sessions.who(cookie, 'background');
    return session === null || session.first !== null ? null : session.who.instances;
  };
}

/** Returns whether an address or a network is of this machine. */
function isOnThisMachine(proxy: string): boolean {
  return isLoopback(proxy.split('/', 1)[0] ?? '');
}
