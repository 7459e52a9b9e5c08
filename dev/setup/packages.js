import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.js';
import { root, SetupError, say } from './places.js';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lockfile
 */

/**
 * Compares the lockfile with the note that npm leaves in node_modules as the last step of an installation, so that an
 * interrupted one counts as none, and one made by hand counts.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json
 */
export function packagesMatch(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, want]) => {
    if (path === '') return true;
    const have = installed.packages?.[path];
    // An optional package is one for another kind of machine.
    if (have === undefined) return want.optional === true;
    return have.version === want.version && have.integrity === want.integrity;
  });
}

export function packagesReady() {
  try {
    return packagesMatch(read('package-lock.json'), read('node_modules/.package-lock.json'));
  } catch {
    return false;
  }
}

/** Installs all packages, those for development too: a checkout runs its TypeScript sources, and tsx is one of these. */
export async function installPackages() {
  say('Setting up the packages…');
  const code = await runNpm(['ci', '--include=dev'], root);
  if (code !== 0) throw new SetupError(`Setting up the packages failed: npm ci ended with ${code}.`);
}

/**
 * @param {string} path
 * @returns {Lockfile}
 */
function read(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
