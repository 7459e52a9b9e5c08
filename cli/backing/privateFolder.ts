import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Thrown when other users of this machine can read the data folder, and we must not change that. */
export class DataDirOpenError extends Error {
  override readonly name = 'DataDirOpenError';

  constructor(dataDir: string) {
    super(
      `Other users can read ${dataDir}, and it may hold more than the data of this service. Run chmod 700 on it, or set ` +
        'DATA_DIR to another folder.',
    );
  }
}

const FULL = ['ENOSPC', 'EDQUOT'];

/** Thrown when the data folder can't be created or written. */
export class DataDirUnusableError extends Error {
  override readonly name = 'DataDirUnusableError';

  constructor(dataDir: string, code: string) {
    super(
      FULL.includes(code)
        ? `DATA_DIR: the disk of ${dataDir} is full. Free some space, or set DATA_DIR to a folder on another disk.`
        : `DATA_DIR: ${dataDir} can't be written (${code}). Set DATA_DIR to a folder that you may write.`,
    );
  }
}

/** Runs work on the files of the data folder. @throws DataDirUnusableError where the system refuses to write */
export async function onDataDir<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
    if (code === undefined || syscall === undefined) throw error;
    throw new DataDirUnusableError(dataDir, code);
  }
}

/** What the service and its local servers make in the data folder. */
const OWN = /^(?:mongo|logs|temporal\.db.*|service\.json.*|stand-in\.json.*|mongo-user\.json|mongo\.log)$/;
const FOR_OTHERS = 0o077;

/**
 * Creates the data folder for its owner only. Makes an existing folder private, and what an older version left in it; a
 * folder that holds anything else is not changed.
 * @throws DataDirOpenError
 */
export function makePrivate(dataDir: string): void {
  if (!existsSync(dataDir)) {
    makeFolder(dataDir, 0o700);
    return;
  }
  if ((lstatSync(dataDir).mode & FOR_OTHERS) !== 0) {
    if (!readdirSync(dataDir).every((name) => OWN.test(name))) throw new DataDirOpenError(dataDir);
    tighten(dataDir, dataDir);
  }
  for (const name of readdirSync(dataDir)) if (OWN.test(name)) tightenAll(join(dataDir, name), dataDir);
}

/**
 * Creates a folder and those above it. Node's own recursive `mkdir` never returns where the system says that a folder does not
 * exist whose parent does, as Linux does in /proc.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was first.
    if (!existsSync(path)) throw error;
  }
}

function tightenAll(path: string, dataDir: string): void {
  tighten(path, dataDir);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) tightenAll(join(path, name), dataDir);
}

function tighten(path: string, dataDir: string): void {
  const { mode } = lstatSync(path);
  // A link has no permissions of its own, and what it names may not be ours.
  if (lstatSync(path).isSymbolicLink() || (mode & FOR_OTHERS) === 0) return;
  try {
    chmodSync(path, mode & 0o700);
  } catch {
    throw new DataDirOpenError(dataDir);
  }
}
