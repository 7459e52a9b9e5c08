import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../../config/settings.ts';
import { claim, findHolder, release, type ServiceFile } from './dataDir.ts';
import { type Interrupt, listenForInterrupt } from './interrupt.ts';
import { backgroundLog } from './log.ts';
import { startReceiver } from './receiver.ts';
import { startBacking } from './startServers.ts';
import { startBackingWorker } from './startWorker.ts';
import { type Backing, resolveBacking } from './types.ts';

export { ServerStartError } from '../../dev/servers/process.ts';
export { ProgramMissingError } from '../../dev/servers/programs.ts';
export { InterruptedError } from './interrupt.ts';
export type { Backing } from './types.ts';

export interface BackingNeeds {
  temporal?: boolean;
  /** A worker that polls; implies Temporal. */
  worker?: boolean;
  /** Somebody who receives webhooks; comes with a worker. */
  receiver?: boolean;
}

/** Thrown when another process holds the data folder. */
export class DataDirTakenError extends Error {
  override readonly name = 'DataDirTakenError';

  constructor(dataDir: string, pid: number | null) {
    super(
      `${dataDir} is in use${pid === null ? '' : ` by process ${pid}`}. Stop that, or set DATA_DIR to another folder.`,
    );
  }
}

const PATIENCE_MS = 60_000;

type Work<T> = (parts: Backing, signal: AbortSignal) => Promise<T>;

/**
 * Does some work with the parts that it needs: the configured ones, those of the local service that runs on this data
 * folder, or ones started for as long as the work takes. Ctrl-C ends the work and stops what was started.
 * @throws DataDirTakenError, InterruptedError, ProgramMissingError, ServerStartError
 */
export async function withBacking<T>(settings: Settings, need: BackingNeeds, work: Work<T>): Promise<T> {
  if (isAllConfigured(settings, need))
    return interruptible((signal, race) => race(work(resolveBacking(settings, null), signal)));
  const holder = await claimOrFind(settings, 'command');
  if (holder !== null) return interruptible((signal, race) => race(work(resolveBacking(settings, holder), signal)));
  return withClaimed(settings, { ...need, worker: need.worker === true && settings.temporal === null }, work);
}

/**
 * Does some work with a worker in this process, whatever is configured, and nobody else on the data folder. The service
 * also receives webhooks.
 * @throws DataDirTakenError, InterruptedError, ProgramMissingError, ServerStartError
 */
export async function runAsService<T>(settings: Settings, kind: ServiceFile['kind'], work: Work<T>): Promise<T> {
  const holder = await claimOrFind(settings, kind);
  if (holder !== null) throw new DataDirTakenError(settings.dataDir, holder.pid);
  return withClaimed(settings, { worker: true, receiver: kind === 'service' }, work);
}

/** Null when the folder is ours now; else the service that runs on it. */
async function claimOrFind(settings: Settings, kind: ServiceFile['kind']): Promise<ServiceFile | null> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const holder = findHolder(settings.dataDir);
    // A service may still be starting; a command gives the folder back soon.
    if (holder?.kind === 'service' && (isUp(holder, settings) || kind === 'service')) return holder;
    if (holder === null && (await claim(settings.dataDir, kind))) return null;
    if (Date.now() > deadline) throw new DataDirTakenError(settings.dataDir, holder?.pid ?? null);
    await sleep(100);
  }
}

/** Starts what is needed, one on top of the other; whatever happens, it is stopped in the opposite order. */
async function withClaimed<T>(settings: Settings, need: BackingNeeds, work: Work<T>): Promise<T> {
  const toStop: (() => void | Promise<void>)[] = [() => release(settings.dataDir)];
  return interruptible(async (signal, race) => {
    try {
      const started = await startBacking(settings, need);
      toStop.push(started.stop);
      signal.throwIfAborted();
      if (!need.worker) return await race(work(started.parts, signal));
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

/** Listens for Ctrl-C for as long as something runs. */
async function interruptible<T>(run: (signal: AbortSignal, race: Interrupt['race']) => Promise<T>): Promise<T> {
  const interrupt = listenForInterrupt();
  try {
    return await run(interrupt.signal, interrupt.race);
  } finally {
    interrupt.end();
  }
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
