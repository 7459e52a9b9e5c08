import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connects, freePort, LOOPBACK } from '../../dev/servers/ports.ts';
import { startProcess, withOwnPorts } from '../../dev/servers/process.ts';
import { findOnPath } from '../../dev/servers/programs.ts';
import { root } from '../support/imports.ts';
import { type Break, type Link, links } from './kinds.ts';

const VERSION = 'v2.12.0';
const BUILD_MS = 600_000;

/** A fault proxy between the parts of the service. */
export interface FaultProxy {
  /** `host:port` of each connection. */
  addressOf(link: Link): string;
  break(link: Link, how: Break): Promise<void>;
  repair(link: Link): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Returns the program of Toxiproxy: from PATH, from `.local`, or built there if this machine has Go. Null if it cannot be had;
 * `say` receives why.
 */
export async function findToxiproxy(say: (text: string) => void): Promise<string | null> {
  const onPath = findOnPath('toxiproxy-server');
  if (onPath !== null) return onPath;
  const folder = join(root, '.local/toxiproxy', VERSION);
  const built = join(folder, 'server');
  if (existsSync(built)) return built;
  const go = findOnPath('go');
  if (go === null) {
    say('toxiproxy-server and go are not on PATH');
    return null;
  }
  say(`Building Toxiproxy ${VERSION} once, which takes some minutes …`);
  try {
    const module = `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`;
    await promisify(execFile)(go, ['install', module], { env: { ...process.env, GOBIN: folder }, timeout: BUILD_MS });
    return built;
  } catch {
    say(`Toxiproxy ${VERSION} could not be built: go install ${VERSION} failed`);
    return null;
  }
}

/** A toxic of one direction. Both directions get it. */
const TOXICS: Record<Exclude<Break, 'cut'>, { type: string; attributes: Record<string, number> }> = {
  reset: { type: 'reset_peer', attributes: { timeout: 0 } },
  slow: { type: 'latency', attributes: { latency: 700, jitter: 500 } },
  'half-open': { type: 'timeout', attributes: { timeout: 0 } },
};

/** Starts Toxiproxy with one proxy for each connection. */
export async function startToxiproxy(
  program: string,
  upstreams: Record<Link, string>,
  logFile: string,
): Promise<FaultProxy> {
  const server = await withOwnPorts(true, async () => {
    const port = await freePort();
    const ready = () => connects(port);
    const args = ['-host', LOOPBACK, '-port', String(port)];
    const started = await startProcess({ program, args, logFile, ready, stopSignal: 'SIGKILL' });
    return { ...started, port };
  });
  const call = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await fetch(`http://${LOOPBACK}:${server.port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`Toxiproxy: ${method} ${path}: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  };
  const addresses = new Map<Link, string>();
  for (const link of links) {
    const listen = `${LOOPBACK}:${await freePort()}`;
    await call('POST', '/proxies', { name: link, listen, upstream: upstreams[link], enabled: true });
    addresses.set(link, listen);
  }
  const toxics = new Map<Link, string[]>();
  return {
    addressOf(link) {
      const address = addresses.get(link);
      if (address === undefined) throw new Error(`${link} has no proxy`);
      return address;
    },
    async break(link, how) {
      if (how === 'cut') return call('POST', `/proxies/${link}`, { enabled: false });
      const names = ['upstream', 'downstream'].map((stream) => `${how}-${stream}`);
      toxics.set(link, [...(toxics.get(link) ?? []), ...names]);
      for (const stream of ['upstream', 'downstream']) {
        await call('POST', `/proxies/${link}/toxics`, { name: `${how}-${stream}`, stream, ...TOXICS[how] });
      }
    },
    async repair(link) {
      for (const name of toxics.get(link) ?? []) await call('DELETE', `/proxies/${link}/toxics/${name}`);
      toxics.delete(link);
      await call('POST', `/proxies/${link}`, { enabled: true });
    },
    stop: () => server.stop(),
  };
}
