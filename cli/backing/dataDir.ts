import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isStillRunning, stopLeftover } from '../../dev/servers/leftover.ts';
import { makeFolder, makePrivate, onDataDir } from './privateFolder.ts';

const server = z.object({ pid: z.number().int(), program: z.string() });

const schema = z.object({
  /** The process that holds the data folder, and the program that it was started as: process ids are reused. */
  pid: z.number().int(),
  program: z.string(),
  /** A service runs until it is stopped; a command holds the folder only while it runs. */
  kind: z.enum(['service', 'command']),
  since: z.iso.datetime(),
  servers: z.array(server),
  mongoUri: z.string().nullable(),
  temporal: z.object({ address: z.string(), uiUrl: z.string().nullable() }).nullable(),
  kipu: z
    .object({
      url: z.string(),
      instances: z.array(
        z.object({
          ...{ name: z.string(), accessId: z.string(), secretKey: z.string(), appId: z.string() },
          timeZone: z.string(),
        }),
      ),
    })
    .nullable(),
});

/** What runs on a data folder, as its owner stored it in `service.json`. */
export type ServiceFile = z.infer<typeof schema>;

/** Returns the running process that holds the data folder; null where there is none. */
export function findHolder(dataDir: string): ServiceFile | null {
  const stored = read(dataDir);
  return stored !== null && isRunning(stored) ? stored : null;
}

/**
 * Claims the data folder for this process: two servers on the same files would corrupt them. Stops servers that a killed
 * owner left running first. Returns false when another process holds the folder.
 * @throws DataDirOpenError, DataDirUnusableError
 */
export function claim(dataDir: string, kind: ServiceFile['kind']): Promise<boolean> {
  return onDataDir(dataDir, () => claimFolder(dataDir, kind));
}

async function claimFolder(dataDir: string, kind: ServiceFile['kind']): Promise<boolean> {
  makePrivate(dataDir);
  const stale = read(dataDir);
  if (stale !== null) {
    if (isRunning(stale)) return false;
    for (const server of stale.servers) await stopLeftover(server);
    // Another process may have claimed it in between.
    if (read(dataDir)?.pid !== stale.pid) return false;
    rmSync(file(dataDir), { force: true });
  }
  const own = `${file(dataDir)}.${process.pid}`;
  const since = new Date().toISOString();
  const owner = { pid: process.pid, program: process.argv0, kind, since };
  write(own, { ...owner, servers: [], mongoUri: null, temporal: null, kipu: null });
  try {
    linkSync(own, file(dataDir));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Stores what this process has started so far, so that other commands find it. */
export function updateServiceFile(
  dataDir: string,
  what: Partial<Omit<ServiceFile, 'pid' | 'program' | 'kind' | 'since'>>,
): void {
  const stored = read(dataDir);
  if (stored === null || stored.pid !== process.pid) return;
  const own = `${file(dataDir)}.${process.pid}`;
  write(own, { ...stored, ...what });
  renameSync(own, file(dataDir));
}

/** Releases the data folder. */
export function release(dataDir: string): void {
  if (read(dataDir)?.pid === process.pid) rmSync(file(dataDir), { force: true });
}

/** Returns the key of the local audit, which is not in its database; creates a random one, readable by its owner only. */
export function localAuditKey(dataDir: string): string {
  return localKey(dataDir, 'audit.key', 'hex');
}

/** Returns the key of the stored connections of the local database, which is created when it is first needed. */
export function localConnectionsKey(dataDir: string): string {
  return localKey(dataDir, 'connections.key', 'base64');
}

function localKey(dataDir: string, name: string, form: 'hex' | 'base64'): string {
  const path = join(dataDir, name);
  if (!existsSync(path)) {
    makeFolder(dataDir);
    const own = `${path}.${process.pid}`;
    writeFileSync(own, `${randomBytes(32).toString(form)}\n`, { mode: 0o600 });
    try {
      linkSync(own, path);
    } catch (error) {
      // Another process was first.
      if (!existsSync(path)) throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }
  return readFileSync(path, 'utf8').trim();
}

function file(dataDir: string): string {
  return join(dataDir, 'service.json');
}

function read(dataDir: string): ServiceFile | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file(dataDir), 'utf8')));
  } catch {
    return null;
  }
}

/** Writes the file so that only its owner can read it: it holds the stand-in's keys. */
function write(path: string, content: ServiceFile): void {
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

function isRunning(holder: Pick<ServiceFile, 'pid' | 'program'>): boolean {
  return holder.pid === process.pid || isStillRunning(holder);
}
