import { basename } from 'node:path';
import { runToEnd } from './child.js';

/**
 * Runs npm, the one that runs us where there is one, on the Node that runs us. Its messages go to standard error.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit code
 */
export function runNpm(args, cwd) {
  const npm = process.env.npm_execpath;
  const [command, before] =
    npm !== undefined && basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  const common = ['--no-audit', '--no-fund', '--loglevel=error'];
  return runToEnd(command, [...before, ...args, ...common], { cwd, stdio: ['ignore', 2, 2] });
}
