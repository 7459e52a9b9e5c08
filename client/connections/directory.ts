import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionKey } from '../../config/connectionKeys.ts';
import type { Instance } from '../../config/instances.ts';
import type { Store } from '../../store/connect.ts';
import type { KipuConnectionDocument } from '../../store/kipuConnections.ts';
import { instanceOf, whyUnusable } from './connection.ts';

const POLL_MS = 2_000;

/** A stored connection that can't be used, and why. */
interface UnusableConnection {
  name: string;
  text: string;
}

/** The instances of the settings and the stored connections, as they are now. */
export interface InstanceDirectory {
  /** All instances that are not retired, by name. The same list until one of them changes. */
  all(): readonly Instance[];
  /** Null for an instance that does not exist or is retired. */
  get(name: string): Instance | null;
  /** The names of all of them, also of connections that can't be used. */
  names(): readonly string[];
  isPaused(name: string): boolean;
  isRetired(name: string): boolean;
  unusable(): readonly UnusableConnection[];
  /** Reads the stored connections if one of them has changed. Returns whether a change is yet to be applied. */
  refresh(): Promise<{ owed: boolean }>;
}

export interface DirectoryParts {
  store: Pick<Store, 'kipuConnections'>;
  keys: readonly ConnectionKey[];
  /** The instances of the settings. */
  fixed: readonly Instance[];
}

/** Returns the directory. Until its first `refresh` it has the instances of the settings only. */
export function createDirectory({ store, keys, fixed }: DirectoryParts): InstanceDirectory {
  let version = '';
  let now = readAll([], { keys, fixed });
  return {
    all: () => now.instances,
    get: (name) => now.instances.find((one) => one.name === name) ?? null,
    names: () => now.names,
    isPaused: (name) => now.paused.has(name),
    isRetired: (name) => now.retired.has(name),
    unusable: () => now.unusable,
    async refresh() {
      const { revs, owed } = await store.kipuConnections.version();
      if (revs !== version) {
        now = readAll(await store.kipuConnections.all(), { keys, fixed });
        version = revs;
      }
      return { owed };
    },
  };
}

/** Returns the directory after its first refresh, for a command. */
export async function readDirectory(parts: DirectoryParts): Promise<InstanceDirectory> {
  const directory = createDirectory(parts);
  await directory.refresh();
  return directory;
}

type Log = { warn(facts: object, text: string): void; info(facts: object, text: string): void };

/**
 * Refreshes the directory until `signal` is aborted, and calls `apply` while a change is yet to be applied. While MongoDB does
 * not answer, the last known instances stay, and `connect` is called, which connects a store that has never been connected.
 */
export async function watchDirectory(
  directory: InstanceDirectory,
  { log, signal, apply, connect, everyMs = POLL_MS }: WatchOptions,
): Promise<void> {
  let failed = false;
  let known: readonly Instance[] = [];
  let reported = '';
  while (!signal.aborted) {
    try {
      const { owed } = await directory.refresh();
      report();
      if (owed) await apply();
      failed = false;
    } catch (error) {
      // Logged once: while MongoDB is down every refresh fails.
      const reason = error instanceof Error ? error.name : 'unknown';
      if (!failed && !signal.aborted)
        log.warn({ reason }, 'the KIPU connections could not be read or applied: retrying');
      failed = true;
      if (!signal.aborted) await connect().catch(() => undefined);
    }
    await sleep(everyMs, null, { signal }).catch(() => null);
  }

  function report(): void {
    const unusable = directory.unusable();
    const text = unusable.map((one) => one.text).join('\n');
    if (text !== reported) for (const { name, text: why } of unusable) log.warn({ instance: name }, why);
    reported = text;
    if (directory.all() === known) return;
    known = directory.all();
    log.info({ instances: directory.names() }, 'KIPU connections');
  }
}

interface WatchOptions {
  log: Log;
  signal: AbortSignal;
  apply: () => Promise<unknown>;
  connect: () => Promise<unknown>;
  everyMs?: number | undefined;
}

interface Snapshot {
  instances: readonly Instance[];
  names: readonly string[];
  paused: ReadonlySet<string>;
  retired: ReadonlySet<string>;
  unusable: readonly UnusableConnection[];
}

function readAll(
  documents: readonly KipuConnectionDocument[],
  { keys, fixed }: Pick<DirectoryParts, 'keys' | 'fixed'>,
): Snapshot {
  const instances = [...fixed];
  const inSettings = new Set(fixed.map(({ name }) => name));
  const unusable: UnusableConnection[] = [];
  const live = documents.filter(({ state }) => state !== 'retired');
  for (const document of live) {
    const { _id: name } = document;
    if (inSettings.has(name)) {
      unusable.push({ name, text: namedTwice(name) });
      continue;
    }
    try {
      instances.push(instanceOf(document, keys));
    } catch (error) {
      unusable.push({ name, text: whyUnusable(error) });
    }
  }
  const named = (state: KipuConnectionDocument['state']) =>
    new Set(documents.flatMap((one) => (one.state === state && !inSettings.has(one._id) ? [one._id] : [])));
  return {
    instances: instances.sort((one, other) => (one.name < other.name ? -1 : 1)),
    names: [...new Set([...inSettings, ...live.map(({ _id }) => _id)])].sort(),
    paused: named('paused'),
    retired: named('retired'),
    unusable,
  };
}

/** Returns the sentence for a connection whose name the settings have too. */
function namedTwice(name: string): string {
  return `${name} is in the settings and in the stored connections: the one of the settings is used. Remove it from the settings, or retire the connection.`;
}
