import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isStillRunning, stopLeftover } from '../../dev/servers/leftover.ts';

const server = z.object({ pid: z.number().int(), program: z.string() });

const schema = z.object({
  /** The process that holds the data folder, and the name by which it was called: ids are used again. */
  pid: z.number().int(),
  program: z.string(),
  /** A service goes on until it is told to stop; a command holds the folder for as long as it takes. */
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

/** What runs on a data folder, as its owner noted it in `service.json`. */
export type ServiceFile = z.infer<typeof schema>;

/** Whoever holds the data folder and lives; null where nobody does. */
export function findHolder(dataDir: string): ServiceFile | null {
  const noted = read(dataDir);
  return noted !== null && lives(noted) ? noted : null;
}

/**
 * Takes the data folder for this process: two servers on the same files would spoil them. Servers that a killed owner
 * left running are stopped first. False when somebody else holds it.
 */
export async function claim(dataDir: string, kind: ServiceFile['kind']): Promise<boolean> {
  mkdirSync(dataDir, { recursive: true });
  const stale = read(dataDir);
  if (stale !== null) {
    if (lives(stale)) return false;
    for (const left of stale.servers) await stopLeftover(left);
    // Somebody may have taken it meanwhile.
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

/** Notes what this process has started by now, so that other commands find it. */
export function updateServiceFile(
  dataDir: string,
  what: Partial<Omit<ServiceFile, 'pid' | 'program' | 'kind' | 'since'>>,
): void {
  const noted = read(dataDir);
  if (noted === null || noted.pid !== process.pid) return;
  const own = `${file(dataDir)}.${process.pid}`;
  write(own, { ...noted, ...what });
  renameSync(own, file(dataDir));
}

/** Gives the data folder back. */
export function release(dataDir: string): void {
  if (read(dataDir)?.pid === process.pid) rmSync(file(dataDir), { force: true });
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

/** It holds the stand-in's keys: for the owner's eyes only. */
function write(path: string, noted: ServiceFile): void {
  writeFileSync(path, `${JSON.stringify(noted, null, 2)}\n`, { mode: 0o600 });
}

function lives(holder: Pick<ServiceFile, 'pid' | 'program'>): boolean {
  return holder.pid === process.pid || isStillRunning(holder);
}
