import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dropEchoedSignals } from './child.js';
import { root } from './places.js';
import { setUp } from './set-up.js';

/** Commands that start no server, so that they need none set up. */
const WITHOUT_SERVERS = new Set([undefined, 'help', 'stand-in', '-V', '--version']);

/** @type {import('./set-up.js').Needs} */
export const forService = { parts: ['temporal', 'mongod'], ownServersDo: true };

/**
 * Sets up what is missing and runs the command line's TypeScript sources in this process: one process is what the user
 * sees, signals, and measures.
 * @param {readonly string[]} args the command and its arguments
 * @returns {Promise<undefined>} the command line sets the exit code by itself
 * @throws {import('./places.js').SetupError}
 */
export async function launch(args) {
  const help = args.includes('--help') || args.includes('-h');
  const noServers = help || WITHOUT_SERVERS.has(args[0]);
  await setUp(noServers ? { ...forService, parts: [] } : forService);
  dropEchoedSignals();
  const { register } = await import('tsx/esm/api');
  register();
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, join(root, 'bin/kipu-referrals.js'), ...args];
  await import(pathToFileURL(join(root, 'cli/main.ts')).href);
  return undefined;
}
