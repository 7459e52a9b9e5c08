import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installBrowser } from './browser.js';
import { dropEchoedSignals, runToEnd } from './child.js';
import { root, SetupError, say } from './places.js';
import { setUp } from './set-up.js';

/** @typedef {{ title: string, tool: string, args: string[] }} Task */

/** @type {Task} */
const lint = { title: 'format and lint', tool: 'biome', args: ['ci', '.'] };
/** @type {Task} */
const types = { title: 'types', tool: 'tsc', args: ['-p', '.', '--noEmit'] };
/** @type {Task} */
const unused = { title: 'unused code', tool: 'knip', args: [] };
/** @type {Task} */
const tests = { title: 'tests', tool: 'vitest', args: ['run'] };
// One file at a time: failures that are injected into the server concern everybody who uses it.
/** @type {Task} */
const mongodTests = {
  title: 'tests with a MongoDB',
  tool: 'vitest',
  args: ['run', '--project', 'integration', '--no-file-parallelism'],
};
/** @type {Task} */
const temporalTests = { title: 'tests with a Temporal', tool: 'vitest', args: ['run', '--project', 'integration'] };
/** @type {Task} */
const screenshots = { title: 'screenshots', tool: 'tsx', args: ['test/browser/screenshots.ts'] };
/** @type {Task} */
const temporalScreenshots = {
  title: 'screenshots of Temporal',
  tool: 'tsx',
  args: ['test/browser/temporalScreenshots.ts'],
};
/** @type {Task} */
const bench = { title: 'benchmark', tool: 'tsx', args: ['bench/run.ts'] };
/** @type {Task} */
const faults = { title: 'faults', tool: 'tsx', args: ['test/faults/run.ts'] };
/** @type {Task} */
const format = { title: 'format', tool: 'biome', args: ['check', '--write', '.'] };
/** @type {Task} */
const compile = { title: 'compile', tool: 'tsc', args: ['-p', 'tsconfig.build.json'] };
/** @type {Task} */
const watch = { title: 'service', tool: 'tsx', args: ['watch', '--clear-screen=false', 'cli/main.ts', 'start'] };

/** @type {Task} */
const mutation = { title: 'mutation tests', tool: 'stryker', args: ['run', 'dev/mutation/stryker.config.json'] };

/**
 * Code runs more slowly while it is measured.
 * @type {Task}
 */
const coverage = {
  title: 'coverage',
  tool: 'vitest',
  args: ['run', '--project', 'unit', '--coverage', '--testTimeout', '60000'],
};
/** @type {Task} */
const simulation = { title: 'simulation', tool: 'tsx', args: ['test/simulation/command.ts'] };
/** @type {Task} */
const release = { title: 'release', tool: 'tsx', args: ['dev/release/check.ts'] };

/** @typedef {import('./set-up.js').Needs} Needs */

/** @type {Needs} */
const forTests = { parts: ['temporal', 'temporal-test-server', 'mongod', 'kipu-python'], externalServers: false };
/** @type {Needs} */
const forService = { parts: ['temporal', 'mongod'], externalServers: true };
/** @type {Needs} */
const forBench = { parts: ['temporal', 'mongod'], externalServers: false };
/** @type {Needs} */
const forSimulation = { parts: ['temporal-test-server'], externalServers: false };
/** @type {Needs} */
const packagesOnly = { parts: [], externalServers: true };

/**
 * What each command needs and runs, one task after the other. The last task receives the user's arguments.
 * @type {Record<string, { needs: Needs, browser?: boolean, tasks: Task[] }>}
 */
const commands = {
  'set-up': { needs: forTests, tasks: [] },
  test: { needs: forTests, browser: true, tasks: [tests] },
  'test:mongod': { needs: forTests, tasks: [mongodTests] },
  'test:temporal': { needs: forTests, tasks: [temporalTests] },
  'test:watch': { needs: forTests, tasks: [{ ...tests, args: ['watch'] }] },
  check: { needs: forTests, browser: true, tasks: [lint, types, unused, tests] },
  screenshots: { needs: forTests, browser: true, tasks: [screenshots] },
  'screenshots:temporal': { needs: forBench, browser: true, tasks: [temporalScreenshots] },
  bench: { needs: forBench, tasks: [bench] },
  faults: { needs: forBench, tasks: [faults] },
  dev: { needs: forService, tasks: [watch] },
  format: { needs: packagesOnly, tasks: [format] },
  lint: { needs: packagesOnly, tasks: [lint] },
  types: { needs: packagesOnly, tasks: [types] },
  unused: { needs: packagesOnly, tasks: [unused] },
  mutation: { needs: packagesOnly, tasks: [mutation] },
  coverage: { needs: packagesOnly, tasks: [coverage] },
  simulate: { needs: forSimulation, tasks: [simulation] },
  build: { needs: packagesOnly, tasks: [compile] },
  'release:check': { needs: forBench, tasks: [release] },
};

/**
 * @param {string[]} argv the command and its arguments
 * @returns {Promise<number | undefined>} exit code; undefined if the program continues in this process
 */
export async function main(argv) {
  const [name = '', ...args] = argv;
  try {
    if (name === 'start') return await launch(argv);
    if (name === 'cli') return await launch(args);
    const command = commands[name];
    if (command === undefined) {
      say(`Unknown command "${name}". The commands are: start, cli, ${Object.keys(commands).join(', ')}.`);
      return 2;
    }
    if (name === 'test:mongod') useForeignMongo(process.env);
    if (name === 'test:temporal') useForeignTemporal(process.env);
    await setUp(command.needs);
    if (command.browser) await installBrowser();
    if (name === 'release:check') {
      const code = await main(['build']);
      if (code !== 0) return code;
    }
    if (name === 'build') rmSync(join(root, 'dist'), { recursive: true, force: true });
    const code = await runTasks(command.tasks, args);
    return name === 'build' && code === 0 ? await bundle() : code;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  }
}

/**
 * Passes the addresses of a MongoDB, and of a Temporal where one is set, to the tests under names of their own: no test uses what
 * somebody configured by accident.
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError}
 */
export function useForeignMongo(env) {
  const uri = env.MONGODB_URI;
  if (!uri) throw new SetupError('Set MONGODB_URI to a replica set for tests: they create and drop databases there.');
  env.TEST_MONGODB_URI = uri;
  delete env.MONGODB_URI;
  if (env.TEMPORAL_ADDRESS) useForeignTemporal(env);
}

/**
 * Passes the address of a Temporal alone. MongoDB is then the one of the set-up.
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError}
 */
export function useForeignTemporal(env) {
  const address = env.TEMPORAL_ADDRESS;
  if (!address) throw new SetupError('Set TEMPORAL_ADDRESS to a Temporal for tests: they create namespaces there.');
  env.TEST_TEMPORAL_ADDRESS = address;
  delete env.TEMPORAL_ADDRESS;
}

/**
 * @param {readonly Task[]} tasks
 * @param {readonly string[]} args
 */
async function runTasks(tasks, args) {
  for (const [index, { title, tool, args: own }] of tasks.entries()) {
    if (tasks.length > 1) say(`> ${title}`);
    const last = index === tasks.length - 1;
    const path = join(root, 'node_modules/.bin', tool);
    const code = await runToEnd(path, [...own, ...(last ? args : [])], { cwd: root });
    if (code !== 0) {
      if (tasks.length > 1) say(`Failed: ${title}.`);
      return code;
    }
  }
  return 0;
}

/** Builds the workflow bundle. In production the worker loads it instead of building one at each start. */
async function bundle() {
  const program = join(root, 'dist/worker/bundle.js');
  if (!existsSync(program)) throw new SetupError('worker/bundle.ts is missing: it builds the workflow bundle.');
  return runToEnd(process.execPath, [program], { cwd: root });
}

/** Commands that start no server. */
const WITHOUT_SERVERS = new Set([undefined, 'help', 'stand-in', 'completion', '-V', '--version']);

/**
 * Sets up what is missing and runs the command line's TypeScript sources in this process, so that there is one process to
 * watch, signal and measure.
 * @param {readonly string[]} args the command and its arguments
 * @returns {Promise<undefined>} the command line sets the exit code itself
 * @throws {SetupError}
 */
async function launch(args) {
  const help = args.includes('--help') || args.includes('-h');
  const noServers = help || WITHOUT_SERVERS.has(args[0]);
  await setUp(noServers ? { ...forService, parts: [] } : forService);
  dropEchoedSignals();
  await import('./register.js');
  process.argv = [process.execPath, join(root, 'bin/kipu-referrals.js'), ...args];
  await import(pathToFileURL(join(root, 'cli/main.ts')).href);
  return undefined;
}
