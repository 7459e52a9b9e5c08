import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { TemporalSettings } from '../config/temporal.ts';

const LONGEST_PAUSE_MS = 30_000;

/** Connects to Temporal, trying again until it answers: a service that starts before its server waits for it, and says so. */
export async function connectTemporal(
  temporal: TemporalSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await NativeConnection.connect(temporal.connection);
    } catch {
      signal.throwIfAborted();
      logger.warn({ address: temporal.address }, `Temporal does not answer; trying again in ${pauseMs / 1_000} s`);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
