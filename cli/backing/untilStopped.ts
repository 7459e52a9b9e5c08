import type { Settings } from '../../config/settings.ts';
import { holderOf } from './dataDir.ts';
import { InterruptedError, type Parts, withParts } from './services.ts';

/** True when there is something to work for: everything is configured, or the local service runs. */
export function isSomebodyThere(settings: Settings): boolean {
  const { mongo, temporal, instances, dataDir } = settings;
  const configured = mongo.uri !== null && temporal !== null && instances !== null;
  return configured || holderOf(dataDir)?.kind === 'service';
}

/** Works until the signal, for parts that run elsewhere. */
export async function workForOthers(
  settings: Settings,
  work: (parts: Parts, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let ended: Promise<void> = Promise.resolve();
  const remembered = (parts: Parts, signal: AbortSignal) => {
    ended = work(parts, signal);
    return ended;
  };
  // An interrupt ends the wait at once; the work still has to hand back what it holds.
  await withParts(settings, { temporal: true }, remembered).catch(unlessInterrupted);
  await ended;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function unlessInterrupted(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}
