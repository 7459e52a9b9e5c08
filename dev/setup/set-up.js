import { join } from 'node:path';
import { withLock } from './lock.js';
import { installPackages, packagesReady } from './packages.js';
import { local } from './places.js';
import { installServers, missingParts } from './servers.js';

/**
 * @typedef {object} Needs
 * @property {readonly import('./requirements.js').Part[]} parts
 * @property {boolean} externalServers whether a server that the user configured replaces the local one; tests start their own
 */

/**
 * Installs the packages and the local servers that are missing. Takes a few milliseconds if nothing is missing.
 * @param {Needs} needs
 * @throws {import('./places.js').SetupError}
 */
export async function setUp({ parts, externalServers }) {
  if (packagesReady() && missingParts(parts, externalServers).length === 0) return;
  await withLock(join(local, 'setup.lock'), async () => {
    const missing = missingParts(parts, externalServers);
    const work = [];
    if (!packagesReady()) work.push(installPackages());
    if (missing.length > 0) work.push(installServers(missing));
    // Both must have ended before the lock is released, even if one fails.
    const ended = await Promise.allSettled(work);
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason;
  });
}
