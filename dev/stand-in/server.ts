import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from './answers.ts';
import { authenticate, namedInstance, type SignedRequest } from './authenticate.ts';
import type { Calls } from './calls.ts';
import type { FaultKind, FaultPlan } from './faults.ts';
import type { Instance } from './instances.ts';
import { askedPage } from './pages.ts';
import { RateLimits } from './rateLimit.ts';
import { type Answer, refusal } from './refusals.ts';
import { rewritten } from './rewrites.ts';
import { type Route, routeOf } from './routes.ts';
import { SETTINGS_PATH, settingsEndpoint } from './settingsEndpoint.ts';
import { replaced, send } from './transport.ts';

export interface Serving {
  instances: readonly Instance[];
  faults: FaultPlan;
  calls: Calls;
  now: () => Date;
}

/** Listens on loopback. Rejects where the port is taken. */
export async function serve(serving: Serving, port: number): Promise<Server> {
  const limits = new RateLimits();
  const server = createServer((request, response) => {
    // A client that hangs up in the middle is no fault of ours.
    respond(serving, limits, request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function respond(
  serving: Serving,
  limits: RateLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const signed: SignedRequest = { requestUri: request.url ?? '', headers: request.headers };
  if (signed.requestUri.split('?')[0] === SETTINGS_PATH) {
    return send(response, await settingsEndpoint(serving.instances, request), []);
  }
  request.resume();
  const route = request.method === 'GET' ? routeOf(signed.requestUri) : null;
  const instance = namedInstance(serving.instances, signed);
  const name = instance?.name ?? null;
  const faults = route
    ? serving.faults.take({
        ...{ instance: name, route: route.name, casefileId: route.casefileId },
        page: askedPage(route.query),
      })
    : [];
  if (!(await delayed(response, delayOf(faults) + (instance?.settings.latencyMs ?? 0)))) return;
  const now = new Date(serving.now().getTime() + clockOff(faults) + (instance?.settings.clockOffMs ?? 0));
  response.setHeader('Date', now.toUTCString());
  const limited = instance ? limits.take(instance.name, instance.settings.rateLimit, now) : null;
  const said = limited ?? replaced(faults) ?? checked(serving.instances, signed, route, faults, now);
  const dropped = faults.some((fault) => fault.kind === 'reset' && fault.at === 'start');
  serving.calls.add({ instance: name, route: route?.name ?? null, status: dropped ? 0 : said.status });
  await send(response, said, faults);
}

function checked(
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
  return rewritten(answer(instance, route, now), faults);
}

/** Waits; false where the client went away during it. */
async function delayed(response: ServerResponse, ms: number): Promise<boolean> {
  if (ms === 0) return true;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return wait(ms, true, { signal: gone.signal }).catch(() => false);
}

function delayOf(faults: readonly FaultKind[]): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.ms : 0), 0);
}

function clockOff(faults: readonly FaultKind[]): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'clock' ? fault.offMs : 0), 0);
}
