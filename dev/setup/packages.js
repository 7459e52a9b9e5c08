import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, runInstaller, toolEnvironment } from './child.js';
import { root, say } from './places.js';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lockfile
 */

/**
 * Compares the lockfile with the one that npm writes to node_modules at the end of an installation, so that an interrupted
 * installation does not count, and one that the user made does.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json
 */
export function packagesMatch(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, want]) => {
    if (path === '') return true;
    const have = installed.packages?.[path];
    // An optional package can be for another kind of machine.
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

/** Installs all packages, those for development too: a checkout runs its TypeScript sources with tsx. */
export async function installPackages() {
  say('Setting up the packages…');
  removeLink(join(root, 'node_modules'));
  const { command, args } = npm(['ci', '--include=dev']);
  const texts = { what: 'the packages', index: 'the npm registry', folder: root };
  await runInstaller(texts, command, args, { cwd: root, env: toolEnvironment() });
}

/**
 * Removes a symbolic link, and nothing else. npm would first delete everything in the folder that it names, which another
 * checkout may be using.
 * @param {string} path
 */
export function removeLink(path) {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  rmSync(path);
  say(`${path} was a symbolic link; it becomes a folder of its own.`);
}

/**
 * @param {string} path
 * @returns {Lockfile}
 */
function read(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
