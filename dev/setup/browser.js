import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runToEnd } from './child.js';
import { say } from './places.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds Chromium or Chrome: the one in `CHROMIUM_PATH`, or the first on `PATH`.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string | null} null if there is none
 */
export function findBrowser(env = process.env) {
  const { CHROMIUM_PATH: wanted, PATH = '' } = env;
  if (wanted) return isProgram(wanted) ? wanted : null;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram) ?? null;
}

/**
 * Returns what to do if there is no browser.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function howToGetBrowser(env = process.env) {
  const seen = env.CHROMIUM_PATH ? `CHROMIUM_PATH is not a program: ${env.CHROMIUM_PATH}.` : 'None was found.';
  return (
    `The browser tests need Chromium or Chrome. ${seen} Install one (Debian: apt-get install -y chromium; ` +
    'macOS: brew install --cask chromium) or set CHROMIUM_PATH to the program. All other tests run without it.'
  );
}

/**
 * Installs Debian's Chromium in CI if there is no browser and that is possible. If it fails, the tests report the missing
 * browser.
 */
export async function installBrowser() {
  const { env } = process;
  if (env.CI !== 'true' || findBrowser(env) !== null) return;
  if (process.getuid?.() !== 0 || env.CHROMIUM_PATH) return;
  const aptGet = ['/usr/bin/apt-get', '/bin/apt-get'].find(isProgram);
  if (aptGet === undefined) return;
  say('Setting up Chromium for the browser tests…');
  /** @type {import('node:child_process').SpawnOptions} */
  const quiet = { stdio: ['ignore', 2, 2], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  const updated = await runToEnd(aptGet, ['update', '-qq'], quiet);
  const args = ['install', '-y', '-qq', '--no-install-recommends', 'chromium'];
  if (updated === 0 && (await runToEnd(aptGet, args, quiet)) === 0) return;
  say('That failed.');
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
