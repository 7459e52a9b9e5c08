import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server that this project can start. */
export type ServerName = 'temporal' | 'temporal-test-server' | 'mongod';

/** An executable on this machine. `kind` distinguishes a real MongoDB from the compatible server. */
export interface Program {
  path: string;
  kind: 'temporal' | 'temporal-test-server' | 'mongod' | 'secantusd-py';
}

/** Thrown when a server is neither on PATH nor set up. The text says which command sets it up. */
export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';
}

/** Returns the folder of the programs that the set-up (`dev/setup`) installed. */
export function serversBin(): string {
  return fileURLToPath(new URL('../../.local/servers/bin', import.meta.url));
}

/**
 * Finds a server's program: first on PATH, then among the pinned ones that the set-up installed. MongoDB is a real `mongod`
 * on PATH, else the compatible `secantusd-py`.
 * @throws ProgramMissingError
 */
export function findProgram(
  name: ServerName,
  searchPath: string = process.env.PATH ?? '',
  pinnedBin: string = serversBin(),
): Program {
  const onPath = findOnPath(name, searchPath);
  if (onPath !== null) return { path: onPath, kind: name };
  const kind = name === 'mongod' ? 'secantusd-py' : name;
  const pinned = join(pinnedBin, kind);
  if (isExecutable(pinned)) return { path: pinned, kind };
  throw new ProgramMissingError(
    `${name} is neither on PATH nor set up here: run "npm run set-up" in the project folder.`,
  );
}

/** Returns the path of a program on PATH; null if there is none. */
export function findOnPath(name: string, searchPath: string = process.env.PATH ?? ''): string | null {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What a server may know of our environment: where things are, the language and the clock, and no setting of ours. */
const PASSED_ON = /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|TMP|TEMP|LANG|LANGUAGE|LC_\w+|TZ|SYSTEMROOT)$/i;

/** Returns the environment of a server: without secrets, which its other users and its crash reports could show. */
export function serverEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
}
