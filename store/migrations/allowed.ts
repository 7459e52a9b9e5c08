import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../connect.ts';
import { SchemaError } from './index.ts';

const LONGEST_PAUSE_MS = 10_000;

/**
 * Resolves once it is known that this version may run on the database. Asks until MongoDB answers, because a process may start
 * before its database.
 * @throws SchemaError where it must not run
 */
export async function untilAllowed(
  store: Pick<Store, 'connect'> & { schema: Pick<Store['schema'], 'check'> },
  { log, signal, pauseMs = 500 }: { log: { warn(text: string): void }; signal: AbortSignal; pauseMs?: number },
): Promise<void> {
  for (let pause = pauseMs; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await store.schema.check();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SchemaError) throw error;
      // A refusal of the user ends as well, once its role allows to read `migrations`.
      if (pause === pauseMs) log.warn('the migrations in MongoDB cannot be read yet; trying again');
      await sleep(pause, undefined, { signal });
      await store.connect().catch(() => undefined);
    }
  }
}
