import { spawnSync } from 'node:child_process';
import { SetupError } from './places.js';

const CANDIDATES = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const OLDEST = 10;
const NEWEST = 13;

/**
 * Finds the Pythons that the pinned wheels support (3.10 to 3.13).
 * @param {(candidate: string) => string | null} [ask] returns "3.12", or null if there is none
 * @returns {string[]} commands, never empty
 */
export function findPythons(ask = askVersion) {
  const versions = CANDIDATES.map((command) => ({ command, version: ask(command) }));
  const fit = versions.filter(({ version }) => version !== null && fits(version));
  if (fit.length > 0) return fit.map(({ command }) => command);
  const seen = [...new Set(versions.flatMap(({ version }) => version ?? []))];
  throw new SetupError(
    `The local servers need Python 3.${OLDEST} to 3.${NEWEST}; ${seen.length === 0 ? 'there is none' : `found only ${seen.join(', ')}`} on PATH. ` +
      'Install one, or use servers of your own by TEMPORAL_ADDRESS and MONGODB_URI.',
  );
}

/** @param {string} version */
function fits(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor !== undefined && minor >= OLDEST && minor <= NEWEST;
}

/** @param {string} command */
function askVersion(command) {
  const program = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const answer = spawnSync(command, ['-c', program], { encoding: 'utf8', timeout: 20_000 });
  return answer.status === 0 ? answer.stdout.trim() : null;
}
