import type { FaultKind as StandInFault } from '../../dev/stand-in/index.ts';
import type { Cluster, Part } from './cluster.ts';
import { brokenLink, type FaultKind, type KipuFault, type ProcessFault } from './kinds.ts';

/** Ends a fault: what was frozen continues, what was killed has started again. */
type EndFault = () => Promise<void>;

const TO_KIPU: Record<KipuFault, StandInFault> = {
  '429': { kind: 'status', status: 429, retryAfter: '1' },
  '503': { kind: 'status', status: 503 },
  html: { kind: 'html' },
  truncated: { kind: 'truncated' },
  'reset-in-body': { kind: 'reset', at: 'body' },
  // Longer than the timeout of a request.
  silent: { kind: 'delay', ms: 10_000 },
};

/** How a process ended after SIGTERM; the code is null where it had to be killed. */
export interface Stopped {
  code: number | null;
  ms: number;
}

/** Much longer than the grace time of the processes. They must end also while a server is away. */
const STOP_MS = 30_000;

/** Injects a fault, and returns what ends it. `stopped` receives how a process ended after SIGTERM. All parts must be ready. */
export async function inject(cluster: Cluster, kind: FaultKind, stopped: (how: Stopped) => void): Promise<EndFault> {
  const broken = brokenLink(kind);
  if (broken !== null) {
    const { proxy } = cluster;
    if (proxy === null) throw new Error(`${kind} needs a fault proxy`);
    await proxy.break(broken.link, broken.how);
    return () => proxy.repair(broken.link);
  }
  if (kind.startsWith('kipu-')) {
    const fault = TO_KIPU[kind.slice('kipu-'.length) as KipuFault];
    // Every second answer is right, so that the same run meets both.
    const injected = cluster.standIn.faults.inject({ ...fault, times: 'always', everySecond: true });
    return async () => injected.remove();
  }
  return ofProcess[kind as ProcessFault](cluster, stopped);
}

type Injection = (cluster: Cluster, stopped: (how: Stopped) => void) => Promise<EndFault>;

const ofProcess: Record<ProcessFault, Injection> = {
  'worker-kill': ({ workers }) => killAndStart(workers[0]),
  'worker-stop': ({ workers }, stopped) => stopAndStart(workers[1], stopped),
  'worker-freeze': ({ workers }) => freeze(workers[0]),
  'workers-away': async ({ workers }) => {
    const ends = await Promise.all(workers.map(kill));
    return async () => void (await Promise.all(ends.map((end) => end())));
  },
  'web-kill': ({ web }) => kill(web),
  'web-stop': ({ web }, stopped) => stopAndStart(web, stopped),
  'web-freeze': ({ web }) => freeze(web),
  'temporal-kill': ({ temporal }) => kill(temporal),
  'temporal-freeze': ({ temporal }) => freeze(temporal),
  'mongodb-kill': ({ mongodb }) => kill(mongodb),
  'mongodb-freeze': ({ mongodb }) => freeze(mongodb),
};

/** Kills a part, which starts again when the fault ends. */
async function kill(part: Part): Promise<EndFault> {
  await part.end('SIGKILL');
  return () => part.start();
}

/** Kills a part and starts it again at once, as a supervisor would. */
async function killAndStart(part: Part): Promise<EndFault> {
  await part.end('SIGKILL');
  await part.start();
  return () => Promise.resolve();
}

async function stopAndStart(part: Part, stopped: (how: Stopped) => void): Promise<EndFault> {
  const kill = setTimeout(() => part.signal('SIGKILL'), STOP_MS);
  stopped(await part.end('SIGTERM'));
  clearTimeout(kill);
  await part.start();
  return () => Promise.resolve();
}

async function freeze(part: Part): Promise<EndFault> {
  part.signal('SIGSTOP');
  return async () => part.signal('SIGCONT');
}
