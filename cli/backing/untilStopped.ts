import type { Settings } from '../../config/settings.ts';
import { findHolder } from './dataDir.ts';
import { type Backing, InterruptedError, withBacking } from './services.ts';

/** True when there is something to work for: everything is configured, or the local service runs. */
export function isServiceAvailable(settings: Settings): boolean {
  const { mongo, temporal, instances, dataDir } = settings;
  const configured = mongo.uri !== null && temporal !== null && instances !== null;
  return configured || findHolder(dataDir)?.kind === 'service';
}

/** Works until the signal, for parts that run elsewhere. */
export async function runUntilStopped(
  settings: Settings,
  work: (parts: Backing, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let ended: Promise<void> = Promise.resolve();
  const remembered = (parts: Backing, signal: AbortSignal) => {
    ended = work(parts, signal);
    return ended;
  };
  // An interrupt ends the wait at once; the work still has to hand back what it holds.
  await withBacking(settings, { temporal: true }, remembered).catch(ignoreInterrupt);
  await ended;
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function ignoreInterrupt(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}
