import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installBrowser } from './browser.js';
import { runToEnd } from './child.js';
import { forService, launch } from './launch.js';
import { root, SetupError, say } from './places.js';
import { setUp } from './set-up.js';

/** @typedef {{ title: string, tool: string, args: string[] }} Step */

/** @type {Step} */
const lint = { title: 'format and lint', tool: 'biome', args: ['ci', '.'] };
/** @type {Step} */
const types = { title: 'types', tool: 'tsc', args: ['-p', '.', '--noEmit'] };
/** @type {Step} */
const unused = { title: 'unused code', tool: 'knip', args: [] };
/** @type {Step} */
const tests = { title: 'tests', tool: 'vitest', args: ['run'] };
/** @type {Step} */
const screenshots = { title: 'screenshots', tool: 'tsx', args: ['test/browser/screenshots.ts'] };
/** @type {Step} */
const format = { title: 'format', tool: 'biome', args: ['check', '--write', '.'] };
/** @type {Step} */
const compile = { title: 'compile', tool: 'tsc', args: ['-p', 'tsconfig.build.json'] };
/** @type {Step} */
const watch = { title: 'service', tool: 'tsx', args: ['watch', '--clear-screen=false', 'cli/main.ts', 'start'] };

/** @type {Step} */
const mutation = { title: 'mutation tests', tool: 'stryker', args: ['run', 'dev/mutation/stryker.config.json'] };

/** @typedef {import('./set-up.js').Needs} Needs */

/** @type {Needs} */
const forTests = { parts: ['temporal', 'temporal-test-server', 'mongod', 'kipu-python'], ownServersDo: false };
/** @type {Needs} */
const packagesOnly = { parts: [], ownServersDo: true };

/**
 * What a command needs and then runs, one step after the other; the user's arguments go to the last.
 * @type {Record<string, { needs: Needs, browser?: boolean, steps: Step[] }>}
 */
const commands = {
  'set-up': { needs: forTests, steps: [] },
  test: { needs: forTests, browser: true, steps: [tests] },
  'test:watch': { needs: forTests, steps: [{ ...tests, args: ['watch'] }] },
  check: { needs: forTests, browser: true, steps: [lint, types, unused, tests] },
  screenshots: { needs: forTests, browser: true, steps: [screenshots] },
  dev: { needs: forService, steps: [watch] },
  format: { needs: packagesOnly, steps: [format] },
  lint: { needs: packagesOnly, steps: [lint] },
  types: { needs: packagesOnly, steps: [types] },
  unused: { needs: packagesOnly, steps: [unused] },
  mutation: { needs: packagesOnly, steps: [mutation] },
  build: { needs: packagesOnly, steps: [compile] },
};

/**
 * @param {string[]} argv the command and its arguments
 * @returns {Promise<number | undefined>} exit code; undefined where the program goes on in this process
 */
export async function main(argv) {
  const [name = '', ...args] = argv;
  try {
    if (name === 'start') return await launch(argv);
    if (name === 'cli') return await launch(args);
    const command = commands[name];
    if (command === undefined) {
      say(`There is no command "${name}"; there are: start, cli, ${Object.keys(commands).join(', ')}.`);
      return 2;
    }
    await setUp(command.needs);
    if (command.browser) await installBrowser();
    if (name === 'build') rmSync(join(root, 'dist'), { recursive: true, force: true });
    const code = await runSteps(command.steps, args);
    return name === 'build' && code === 0 ? await bundle() : code;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  }
}

/**
 * @param {readonly Step[]} steps
 * @param {readonly string[]} args
 */
async function runSteps(steps, args) {
  for (const [index, { title, tool, args: own }] of steps.entries()) {
    if (steps.length > 1) say(`> ${title}`);
    const last = index === steps.length - 1;
    const path = join(root, 'node_modules/.bin', tool);
    const code = await runToEnd(path, [...own, ...(last ? args : [])], { cwd: root });
    if (code !== 0) {
      if (steps.length > 1) say(`Failed: ${title}.`);
      return code;
    }
  }
  return 0;
}

/** The worker loads its workflows from one file in production, made here once and not at each start. */
async function bundle() {
  const program = join(root, 'dist/worker/bundle.js');
  if (!existsSync(program)) throw new SetupError('There is no worker/bundle.ts to make the workflow bundle with.');
  return runToEnd(process.execPath, [program], { cwd: root });
}
