import type { Client } from '@temporalio/client';
import { readDirectory } from '../../client/connections/directory.ts';
import type { Instance } from '../../config/instances.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { openStore, type Store } from '../../store/connect.ts';
import { type Backing, withBacking } from './services.ts';

/** The parts of a command, opened. Its `instances` are those of the settings and the stored connections. */
export interface Opened extends Backing {
  store: Store;
  /** The instances of the settings. */
  fixed: readonly Instance[];
  /** Aborted when the command is interrupted. */
  signal: AbortSignal;
}

export interface OpenedWithTemporal extends Opened {
  client: Client;
}

/** Runs work with the store, and closes it. */
export function withStore<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  return withBacking(readSettings(), {}, (parts, signal) => opened(parts, signal, work));
}

/** Runs work with the store and Temporal, and closes both. `worker` makes sure that a worker polls. */
export function withTemporal<T>(
  need: { worker?: boolean; settings?: Settings },
  work: (opened: OpenedWithTemporal) => Promise<T>,
): Promise<T> {
  const { settings = readSettings(), worker = false } = need;
  return withBacking(settings, { temporal: true, worker }, (parts, signal) =>
    opened(parts, signal, async (open) => {
      const { connectClient } = await import('../../client/connect.ts');
      const client = await connectClient(parts.temporal);
      try {
        return await work({ ...open, client });
      } finally {
        await client.connection.close();
      }
    }),
  );
}

async function opened<T>(parts: Backing, signal: AbortSignal, work: (opened: Opened) => Promise<T>): Promise<T> {
  const store = openStore({ ...parts.settings.mongo, uri: parts.mongoUri });
  try {
    // Alone: many reads at once would fail with different errors, and not all of them name the server.
    await store.schema.refuseNewer();
    const { instances: fixed, settings } = parts;
    const directory = await readDirectory({ store, keys: settings.connectionKeys, fixed });
    for (const { text } of directory.unusable()) process.stderr.write(`${text}\n`);
    return await work({ ...parts, instances: [...directory.all()], fixed, store, signal });
  } finally {
    await store.close();
  }
}
