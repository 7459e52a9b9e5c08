import { fileURLToPath } from 'node:url';

/** The project's folder, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A failure of the set-up that the user can mend. The text is one clear message, shown without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Progress goes to standard error, because standard output may be one JSON document.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
