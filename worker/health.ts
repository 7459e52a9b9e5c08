import { createServer, type Server } from 'node:http';

/**
 * Answers `GET /health/live` (the process runs) and `GET /health/ready` (it polls, and Temporal answers) with 200 or
 * 503. Being alive depends on no other server, so that none of their faults restarts this one.
 */
export function serveHealth(port: number, ready: () => Promise<boolean>): Server {
  const server = createServer((request, response) => {
    const answer = (ok: boolean) =>
      response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok }));
    if (request.url === '/health/live') answer(true);
    else if (request.url === '/health/ready') void ready().then(answer, () => answer(false));
    else response.writeHead(404).end();
  });
  return server.listen(port);
}
