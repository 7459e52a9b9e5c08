import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { MINUTE } from '../world/dates.ts';
import type { Instance } from '../world/instances.ts';
import { configure, type InstanceSettings } from '../world/settings.ts';
import { type Answer, refusal } from './answer.ts';
import { authenticate, namedInstance, type SignedRequest } from './authenticate.ts';
import type { Calls } from './calls.ts';
import { answerEndpoint } from './endpoints.ts';
import type { FaultKind, FaultPlan } from './faults.ts';
import { withContentFaults } from './faults.ts';
import { requestedPage } from './pages.ts';
import { type Route, routeOf } from './routes.ts';
import { replacementFor, send } from './send.ts';

export interface ServerContext {
  instances: readonly Instance[];
  faults: FaultPlan;
  calls: Calls;
  now: () => Date;
}

/** Starts a server on loopback. Rejects if the port is taken. */
export async function startServer(context: ServerContext, port: number): Promise<Server> {
  const limits = new RateLimits();
  const server = createServer((request, response) => {
    // The client disconnected: nothing to answer.
    respond(context, limits, request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function respond(
  context: ServerContext,
  limits: RateLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const signed: SignedRequest = { requestUri: request.url ?? '', headers: request.headers };
  if (signed.requestUri.split('?')[0] === SETTINGS_PATH) {
    return send(response, await settingsEndpoint(context.instances, request), []);
  }
  request.resume();
  const route = request.method === 'GET' ? routeOf(signed.requestUri) : null;
  const instance = namedInstance(context.instances, signed);
  const name = instance?.name ?? null;
  const faults = route
    ? context.faults.take({
        ...{ instance: name, route: route.name, casefileId: route.casefileId },
        page: requestedPage(route.query),
      })
    : [];
  if (!(await delayed(response, delayOf(faults) + (instance?.settings.latencyMs ?? 0)))) return;
  const now = new Date(context.now().getTime() + clockOffset(faults) + (instance?.settings.clockOffMs ?? 0));
  response.setHeader('Date', now.toUTCString());
  const limited = instance ? limits.take(instance.name, instance.settings.rateLimit, now) : null;
  const sent = limited ?? replacementFor(faults) ?? checkedAnswer(context.instances, signed, route, faults, now);
  const dropped = faults.some((fault) => fault.kind === 'reset' && fault.at === 'start');
  context.calls.add({ instance: name, route: route?.name ?? null, status: dropped ? 0 : sent.status, at });
  await send(response, sent, faults);
}

function checkedAnswer(
  instances: readonly Instance[],
  request: SignedRequest,
  route: Route | null,
  faults: readonly FaultKind[],
  now: Date,
): Answer {
  if (!route) return refusal(404, 'Not found');
  const refused = authenticate(instances, request, route, now);
  const instance = namedInstance(instances, request);
  if (refused || !instance) return refused ?? refusal(404, 'Not found');
  return withContentFaults(answerEndpoint(instance, route, now), faults);
}

/** Waits. Returns false if the client disconnected in that time. */
async function delayed(response: ServerResponse, ms: number): Promise<boolean> {
  if (ms === 0) return true;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return wait(ms, true, { signal: gone.signal }).catch(() => false);
}

function delayOf(faults: readonly FaultKind[]): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.ms : 0), 0);
}

function clockOffset(faults: readonly FaultKind[]): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'clock' ? fault.offMs : 0), 0);
}

/** Counts the calls of each instance in the current clock minute. */
class RateLimits {
  readonly #minutes = new Map<string, { minute: number; calls: number }>();

  /** Counts a call. Returns a refusal if it exceeds the limit, else null. */
  take(instance: string, limit: InstanceSettings['rateLimit'], now: Date): Answer | null {
    const minute = Math.floor(now.getTime() / MINUTE);
    const before = this.#minutes.get(instance);
    const calls = before?.minute === minute ? before.calls + 1 : 1;
    this.#minutes.set(instance, { minute, calls });
    if (limit === null || calls <= limit.perMinute) return null;
    const { retryAfterSeconds } = limit;
    const headers: Record<string, string> = retryAfterSeconds === null ? {} : { 'Retry-After': `${retryAfterSeconds}` };
    return { ...refusal(429, 'Too many requests'), headers };
  }
}

const SETTINGS_PATH = '/_stand-in/settings';

/** Answers `GET` and `PUT /_stand-in/settings`: without a signature, to this machine only. A `PUT` changes only what it names. */
async function settingsEndpoint(instances: readonly Instance[], request: IncomingMessage): Promise<Answer> {
  if (!isFromThisMachine(request.socket.remoteAddress)) return refusal(403, 'Settings are for this machine only');
  if (request.method === 'PUT') {
    // A page in a browser may send plain text to any origin, but not this type.
    const type = request.headers['content-type']?.split(';')[0]?.trim();
    if (type !== 'application/json') return refusal(415, 'Send application/json');
    try {
      configure(instances, await json(request));
    } catch (error) {
      return refusal(422, error instanceof Error ? error.message : 'unreadable');
    }
  } else if (request.method !== 'GET') {
    return { ...refusal(405, 'Only GET and PUT'), headers: { Allow: 'GET, PUT' } };
  }
  const settings = Object.fromEntries(instances.map((instance) => [instance.name, { ...instance.settings }]));
  return { status: 200, body: { instances: settings } };
}

function isFromThisMachine(address = ''): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
