import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runToEnd } from './child.js';
import { root, SetupError, say } from './places.js';

/**
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lockfile
 */

/**
 * Compares the lockfile with the note that npm leaves in node_modules as the last step of an installation, so that an
 * interrupted one counts as none, and one made by hand counts.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json
 * @param {boolean} withDev whether packages for development must be there too
 */
export function packagesMatch(wanted, installed, withDev) {
  return Object.entries(wanted.packages ?? {}).every(([path, want]) => {
    if (path === '') return true;
    const have = installed.packages?.[path];
    // An optional package is one for another kind of machine.
    if (have === undefined) return want.optional === true || (!withDev && (want.dev || want.devOptional) === true);
    return have.version === want.version && have.integrity === want.integrity;
  });
}

/** @param {boolean} withDev */
export function packagesReady(withDev) {
  try {
    return packagesMatch(read('package-lock.json'), read('node_modules/.package-lock.json'), withDev);
  } catch {
    return false;
  }
}

/** @param {boolean} withDev */
export async function installPackages(withDev) {
  say('Setting up the packages…');
  const npm = process.env.npm_execpath;
  const [command, before] =
    npm !== undefined && basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  const args = [...before, 'ci', '--no-audit', '--no-fund', '--loglevel=error', ...(withDev ? ['--include=dev'] : [])];
  const code = await runToEnd(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new SetupError(`Setting up the packages failed: npm ci ended with ${code}.`);
}

/**
 * @param {string} path
 * @returns {Lockfile}
 */
function read(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
