import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, answer, refusal } from './answers.ts';
import type { Calls } from './calls.ts';
import type { FaultKind, FaultPlan } from './faults.ts';
import { type Asked, namedSite, refused } from './gate.ts';
import { askedPage } from './pages.ts';
import { rewritten } from './rewrites.ts';
import { type Route, routeOf } from './routes.ts';
import { replaced, send } from './transport.ts';
import type { Site } from './world.ts';

export interface Serving {
  sites: readonly Site[];
  faults: FaultPlan;
  calls: Calls;
  now: () => Date;
}

/** Listens. Rejects where the port is taken. */
export async function serve(serving: Serving, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    // A client that hangs up in the middle is its own affair.
    respond(serving, request, response).catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function respond(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked: Asked = { requestUri: request.url ?? '', headers: request.headers };
  const route = request.method === 'GET' ? routeOf(asked.requestUri) : null;
  const site = namedSite(serving.sites, asked);
  const instance = site?.name ?? null;
  const faults = route
    ? serving.faults.take({ instance, route: route.name, casefileId: route.casefileId, page: askedPage(route.query) })
    : [];
  if (!(await delayed(response, faults))) return;
  const now = new Date(serving.now().getTime() + clockOff(faults));
  response.setHeader('Date', now.toUTCString());
  const said = replaced(faults) ?? (route ? checked(site, asked, route, faults, now) : refusal(404, 'Not found'));
  const dropped = faults.some((fault) => fault.kind === 'reset' && fault.at === 'start');
  serving.calls.add({ instance, route: route?.name ?? null, status: dropped ? 0 : said.status });
  await send(response, said, faults);
}

function checked(site: Site | null, asked: Asked, route: Route, faults: readonly FaultKind[], now: Date): Answer {
  const no = refused(site, asked, route, now);
  if (no || !site) return no ?? refusal(401, 'Unauthorized');
  return rewritten(answer(site, route), faults);
}

/** Waits as long as the faults say; false where the client went away meanwhile. */
async function delayed(response: ServerResponse, faults: readonly FaultKind[]): Promise<boolean> {
  const ms = faults.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.ms : 0), 0);
  if (ms === 0) return true;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return wait(ms, true, { signal: gone.signal }).catch(() => false);
}

function clockOff(faults: readonly FaultKind[]): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'clock' ? fault.offMs : 0), 0);
}
