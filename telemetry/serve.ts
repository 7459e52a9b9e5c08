import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';

/** A server of `GET /metrics`. */
export interface MetricsServer {
  port: number;
  close(): void;
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const TEXT = { ...HEADERS, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
const FOREIGN_MS = 2_000;

/**
 * Serves `GET /metrics`: our own metrics, and after them those that Temporal's SDK serves at `sdkAddress`. @throws where it can't
 * listen at that address
 */
export async function serveMetrics(
  at: { host: string; port: number },
  { text, sdkAddress }: { text: () => Promise<string>; sdkAddress: string | null },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404, HEADERS).end();
    if (request.method !== 'GET') return void response.writeHead(405, { ...HEADERS, allow: 'GET' }).end();
    Promise.all([text(), sdkMetrics(sdkAddress)]).then(
      (parts) => response.writeHead(200, TEXT).end(parts.join('')),
      () => response.writeHead(500, HEADERS).end(),
    );
  });
  server.listen(at);
  await once(server, 'listening').catch((error: { code?: unknown }) => {
    const why = error.code === 'EADDRINUSE' ? 'another process listens there' : String(error.code);
    throw new Error(
      `The metrics cannot be served at ${at.host}:${at.port} (${why}). Change METRICS_ADDRESS of the worker, or WEB_METRICS_ADDRESS of web.`,
    );
  });
  return {
    // A server that listens on a port has an address of this form.
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

/** Returns a free address of this machine, where Temporal's SDK serves its metrics to us alone. */
export async function freeLocalAddress(): Promise<string> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

/** Returns the metrics of the SDK; nothing while it does not answer. */
async function sdkMetrics(address: string | null): Promise<string> {
  if (address === null) return '';
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(FOREIGN_MS) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}
