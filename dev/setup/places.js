import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Returns the folder of all installed parts. Checkouts can share it by a symbolic link: then it is the folder that the link
 * names, because a Python environment works only at the path where it was made.
 * @param {string} project
 */
export function localFolder(project) {
  const folder = join(project, '.local');
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

export const local = localFolder(root);

/** A failure of the set-up that the user can fix. Its message is shown without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Prints progress to standard error, because standard output may be one JSON document.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
