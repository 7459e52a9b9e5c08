import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, restart, runToEnd, toolEnvironment } from './child.js';
import { withLock } from './lock.js';
import { local, root, SetupError, say } from './places.js';

/** @typedef {{ package: string, version: string, integrity: string }} Pin */

const BY_HAND = 'install Node 24 (https://nodejs.org) and try again';

/**
 * Runs the set-up again on the pinned Node, and installs that first if it is missing.
 * @param {readonly string[]} argv the command and its arguments
 * @returns {Promise<number>} exit code
 */
export async function runOnOwnNode(argv) {
  try {
    const name = platformName(process.platform, process.arch, isMusl());
    const program = await ownNode(name, pinFor(name, readPins()), local);
    return await restart(program, [...process.execArgv, join(root, 'dev/setup/run.js'), ...argv]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  }
}

/**
 * Returns the key of node.json for a machine.
 * @param {string} platform
 * @param {string} arch
 * @param {boolean} musl whether the C library is musl, as on Alpine
 */
export function platformName(platform, arch, musl) {
  return `${platform}-${arch}${musl ? '-musl' : ''}`;
}

/** @returns {Record<string, Pin>} */
export function readPins() {
  return JSON.parse(readFileSync(new URL('node.json', import.meta.url), 'utf8'));
}

/**
 * Returns the package that holds Node for a machine.
 * @param {string} name as `platformName` returns it
 * @param {Record<string, Pin>} pins
 * @throws {SetupError} if none is pinned
 */
export function pinFor(name, pins) {
  const pin = pins[name];
  if (pin !== undefined) return pin;
  const machine = name.endsWith('-musl') ? `${name} (musl, as on Alpine)` : name;
  throw new SetupError(
    `Node ${process.versions.node} is not supported, and there is no pinned one for ${machine}: ${BY_HAND}.`,
  );
}

/**
 * Returns the path of the pinned Node, and installs it from the package registry unless it is completely installed. The
 * folder's name has the version, so that a process that runs from another version keeps its files.
 * @param {string} name
 * @param {Pin} pin
 * @param {string} home the folder of all installed parts
 * @returns {Promise<string>}
 * @throws {SetupError}
 */
export async function ownNode(name, pin, home) {
  const parent = join(home, 'node');
  const folder = join(parent, `${name}-${pin.version}`);
  const program = join(folder, 'node_modules', pin.package, 'bin/node');
  if (isComplete(folder, program, pin)) return program;
  await withLock(join(home, 'setup.lock'), async () => {
    if (!isComplete(folder, program, pin)) await fetchNode(folder, program, pin);
    for (const other of readdirSync(parent)) {
      if (other.startsWith(`${name}-`) && join(parent, other) !== folder) {
        rmSync(join(parent, other), { recursive: true, force: true });
      }
    }
  });
  return program;
}

/**
 * Installs Node with a lockfile that is written here, so that npm checks its hash. The stamp is written last: without it, an
 * interrupted installation does not count.
 * @param {string} folder
 * @param {string} program
 * @param {Pin} pin
 */
async function fetchNode(folder, program, pin) {
  const own = process.versions.node;
  say(
    `Node ${own} is not supported: fetching Node ${pin.version} into .local and running on that (once, about 50 MB)…`,
  );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(filesOf(pin))) {
    writeFileSync(join(folder, file), JSON.stringify(content));
  }
  const { command, args } = npm(['ci', '--ignore-scripts', '--prefix', folder]);
  const code = await runToEnd(command, args, { cwd: folder, stdio: ['ignore', 2, 2], env: toolEnvironment() });
  if (code > 128) throw new SetupError('The set-up was interrupted.');
  if (code !== 0) {
    throw new SetupError(
      `Fetching Node ${pin.version} failed: npm ended with ${code}. Where the package registry can't be reached, ${BY_HAND}.`,
    );
  }
  const seen = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (seen !== `v${pin.version}`) {
    throw new SetupError(`Node ${pin.version} was fetched to ${program} but does not run here: ${BY_HAND}.`);
  }
  writeFileSync(join(folder, 'stamp'), pin.integrity);
}

/** @param {Pin} pin */
function filesOf({ package: name, version, integrity }) {
  const dependencies = { [name]: version };
  return {
    'package.json': { private: true, dependencies },
    'package-lock.json': {
      lockfileVersion: 3,
      packages: { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } },
    },
  };
}

/**
 * @param {string} folder
 * @param {string} program
 * @param {Pin} pin
 */
function isComplete(folder, program, pin) {
  try {
    return readFileSync(join(folder, 'stamp'), 'utf8') === pin.integrity && existsSync(program);
  } catch {
    return false;
  }
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime === undefined;
}
