import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../config/insecure.ts';
import type { VisibleInstances } from '../domain/role.ts';
import { createCookies, type Sessions } from './auth/index.ts';
import { equalInConstantTime } from './http/checks.ts';

interface HealthReadersOptions {
  /** The bearer token of the monitoring; null where there is none. */
  token: string | null;
  /** Whether the pages are served by https, which decides the name of the cookie. */
  https: boolean;
  sessions: Pick<Sessions, 'who'>;
}

/** The headers that a proxy adds: behind one, the address of the connection says nothing about the sender. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

/** Returns a function for the instances whose freshness a sender may see: with the token, signed in, or on this machine. */
export function createHealthReaders({ token, https, sessions }: HealthReadersOptions) {
  const cookies = createCookies(https);
  return async (request: FastifyRequest): Promise<VisibleInstances | null> => {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== null && bearer !== undefined && equalInConstantTime(bearer, token)) return '*';
    // A page of another site that is open on this machine may send requests here, but not with our host.
    const { hostname } = request;
    const forwarded = FORWARDED.some((name) => request.headers[name] !== undefined);
    if (!forwarded && isLoopback(request.ip) && isLoopback(hostname)) return '*';
    const cookie = cookies.read(request, 'session');
    const session = cookie === null ? null : await sessions.who(cookie, 'background');
    return session === null || session.needsSecondFactor ? null : session.who.instances;
  };
}
