import { setTimeout as sleep } from 'node:timers/promises';
import { realInstances } from '../../config/instances.ts';
import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { type Backing, resolveBacking, startBacking } from './backing.ts';
import { claim, findHolder, release, type ServiceFile } from './dataDir.ts';
import { type Interrupt, ignoreInterrupt, listenForInterrupt } from './interrupt.ts';

export { ServerStartError } from '../../dev/servers/process.ts';
export { ProgramMissingError } from '../../dev/servers/programs.ts';
export type { Backing } from './backing.ts';
export { InterruptedError } from './interrupt.ts';
export { DataDirOpenError, DataDirUnusableError } from './privateFolder.ts';

export interface BackingNeeds {
  temporal?: boolean;
  /** A worker that polls; implies Temporal. */
  worker?: boolean;
  /** A receiver of webhooks; needs a worker. */
  receiver?: boolean;
}

/** Thrown when another process holds the data folder. */
export class DataDirTakenError extends Error {
  override readonly name = 'DataDirTakenError';

  constructor(dataDir: string, pid: number | null) {
    super(
      `${dataDir} is in use${pid === null ? '' : ` by process ${pid}`}. Stop it, or set DATA_DIR to another folder.`,
    );
  }
}

const CLAIM_WITHIN_MS = MINUTE_MS;

type Work<T> = (parts: Backing, signal: AbortSignal) => Promise<T>;

/**
 * Runs work with the parts that it needs: the configured ones, those of the local service that runs on this data folder,
 * or ones started for the duration of the work. Ctrl-C interrupts the work and stops what was started.
 * @throws DataDirTakenError, DataDirOpenError, InterruptedError, ProgramMissingError, ServerStartError, SettingsError
 */
export async function withBacking<T>(settings: Settings, need: BackingNeeds, work: Work<T>): Promise<T> {
  if (isAllConfigured(settings, need))
    return interruptible((signal, race) => race(work(resolveBacking(settings, null), signal)));
  refuseLocalStore(settings, need);
  const holder = await claimOrFind(settings, 'command');
  if (holder !== null) return interruptible((signal, race) => race(work(resolveBacking(settings, holder), signal)));
  return withClaimed(settings, { ...need, worker: need.worker === true && settings.temporal === null }, work);
}

/**
 * Runs work with a worker in this process, whatever is configured, and with the data folder for this process alone. The
 * service also receives webhooks.
 * @throws DataDirTakenError, DataDirOpenError, InterruptedError, ProgramMissingError, ServerStartError, SettingsError
 */
export async function runAsService<T>(settings: Settings, kind: ServiceFile['kind'], work: Work<T>): Promise<T> {
  refuseLocalStore(settings, { worker: true });
  const holder = await claimOrFind(settings, kind);
  if (holder !== null) throw new DataDirTakenError(settings.dataDir, holder.pid);
  return withClaimed(settings, { worker: true, receiver: kind === 'service' }, work);
}

/**
 * Refuses to store real patients in servers that are made for trials: nothing but the login of this machine protects them.
 * @throws SettingsError
 */
export function refuseLocalStore(settings: LocalStoreSettings, need: BackingNeeds): void {
  const real = realInstances(settings.instances ?? []);
  const local = [
    ...(settings.mongo.uri === null ? ['MONGODB_URI'] : []),
    ...(settings.temporal === null && (need.temporal || need.worker) ? ['TEMPORAL_ADDRESS'] : []),
  ];
  if (real.length === 0 || local.length === 0 || settings.allowLocalStore) return;
  throw new SettingsError([
    `${local.join(' and ')}: set ${local.length === 1 ? 'it' : 'them'}, because KIPU ${real.join(', ')} has real patients and ` +
      'the local servers are only for trials; ALLOW_LOCAL_STORE=yes stores them there all the same',
  ]);
}

type LocalStoreSettings = Pick<Settings, 'instances' | 'mongo' | 'temporal' | 'allowLocalStore'>;

/** Claims the data folder. Returns null when this process holds it now, or the service that runs on it. */
async function claimOrFind(settings: Settings, kind: ServiceFile['kind']): Promise<ServiceFile | null> {
  for (const deadline = Date.now() + CLAIM_WITHIN_MS; ; ) {
    const holder = findHolder(settings.dataDir);
    // A service may still be starting; a command releases the folder soon.
    if (holder?.kind === 'service' && (isUp(holder, settings) || kind === 'service')) return holder;
    if (holder === null && (await claim(settings.dataDir, kind))) return null;
    if (Date.now() > deadline) throw new DataDirTakenError(settings.dataDir, holder?.pid ?? null);
    await sleep(100);
  }
}

/** Starts what is needed in order, and stops it in the opposite order in any case. */
async function withClaimed<T>(settings: Settings, need: BackingNeeds, work: Work<T>): Promise<T> {
  const toStop: (() => void | Promise<void>)[] = [() => release(settings.dataDir)];
  return interruptible(async (signal, race) => {
    // After what else listens: a line of progress is erased first.
    const sayStopping = () => setImmediate(() => process.stderr.write('Stopping …\n'));
    signal.addEventListener('abort', sayStopping, { once: true });
    try {
      const load = () => import('./background.ts');
      // The worker and the pages take half a second to load: that passes while the servers start.
      const started = await startBacking(settings, need, () => void (need.worker && load().catch(() => undefined)));
      toStop.push(started.stop);
      signal.throwIfAborted();
      if (!need.worker) return await race(work(started.parts, signal));
      const { backgroundLog, startBackingWorker, startReceiver } = await load();
      const logger = backgroundLog(settings);
      toStop.push((await startBackingWorker(started.parts, logger, signal)).stop);
      if (!need.receiver) return await race(work(started.parts, signal));
      const receiver = await startReceiver(started.parts, logger);
      toStop.push(receiver.stop);
      return await race(work({ ...started.parts, webUrl: receiver.url }, signal));
    } finally {
      for (const stop of toStop.reverse()) await stop();
    }
  });
}

/** Runs something that Ctrl-C can interrupt. */
async function interruptible<T>(run: (signal: AbortSignal, race: Interrupt['race']) => Promise<T>): Promise<T> {
  const interrupt = listenForInterrupt();
  try {
    return await run(interrupt.signal, interrupt.race);
  } finally {
    interrupt.end();
  }
}

/** Returns whether something is there to work for: everything is configured, or the local service runs. */
export function isServiceAvailable(settings: Settings): boolean {
  const { mongo, temporal, instances, dataDir } = settings;
  const configured = mongo.uri !== null && temporal !== null && instances !== null;
  return configured || findHolder(dataDir)?.kind === 'service';
}

/** Runs work until a signal stops it, with parts that run in other processes. */
export async function runUntilStopped(settings: Settings, work: Work<void>): Promise<void> {
  let ended: Promise<void> = Promise.resolve();
  const remembered: Work<void> = (parts, signal) => {
    ended = work(parts, signal);
    return ended;
  };
  // An interrupt rejects at once; the work still has to stop what it started.
  await withBacking(settings, { temporal: true }, remembered).catch(ignoreInterrupt);
  await ended;
}

function isAllConfigured(settings: Settings, need: BackingNeeds): boolean {
  const temporalDone = settings.temporal !== null || !(need.temporal || need.worker);
  return settings.mongo.uri !== null && temporalDone && settings.instances !== null;
}

function isUp(holder: ServiceFile, settings: Settings): boolean {
  return (
    (settings.mongo.uri !== null || holder.mongoUri !== null) &&
    (settings.temporal !== null || holder.temporal !== null) &&
    (settings.instances !== null || holder.kipu !== null)
  );
}
