import { createServer, type Server } from 'node:http';

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves `GET /health/live` (the process runs) and `GET /health/ready` (it polls, and Temporal answers) with 200 or 503.
 * Liveness depends on no other server, so that their failures do not restart this one.
 */
export function serveHealth(at: { host: string; port: number }, ready: () => Promise<boolean>): Server {
  const server = createServer((request, response) => {
    const answer = (ok: boolean) => response.writeHead(ok ? 200 : 503, HEADERS).end(JSON.stringify({ ok }));
    if (request.url === '/health/live') answer(true);
    else if (request.url === '/health/ready') void ready().then(answer, () => answer(false));
    else response.writeHead(404, HEADERS).end();
  });
  return server.listen(at);
}
