import { join } from 'node:path';
import { withLock } from './lock.js';
import { installPackages, packagesReady } from './packages.js';
import { root } from './places.js';
import { installServers, missingParts } from './servers.js';

/**
 * @typedef {object} Needs
 * @property {readonly import('./requirements.js').Part[]} parts
 * @property {boolean} ownServersDo whether a server that the user configured replaces the local one; tests start theirs
 */

/**
 * Makes the packages and the local servers ready. Costs a few milliseconds where nothing is missing.
 * @param {Needs} needs
 * @throws {import('./places.js').SetupError}
 */
export async function setUp({ parts, ownServersDo }) {
  if (packagesReady() && missingParts(parts, ownServersDo).length === 0) return;
  await withLock(join(root, '.local/setup.lock'), async () => {
    const missing = missingParts(parts, ownServersDo);
    const work = [];
    if (!packagesReady()) work.push(installPackages());
    if (missing.length > 0) work.push(installServers(missing));
    // Both must have come to their end before the lock is given back, even where one fails.
    const ended = await Promise.allSettled(work);
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason;
  });
}
