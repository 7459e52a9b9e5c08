import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMongo } from '../servers/mongo.ts';
import { serverEnvironment } from '../servers/programs.ts';
import { startTemporal } from '../servers/temporal.ts';
import { packRelease } from './pack.ts';
import { type Ended, runToEnd, startProgram } from './tools.ts';

/*
 * Packs the release that was built and tries it: installs it from an empty folder, and runs it against servers of its own. Prints what was
 * tried. `tsx dev/release/check.ts [folder]`; by default the files are in .local/release.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, '.local/release'));
const WITHIN_MS = 60_000;
const POLLS = 'the worker polls';

const { version, tarball, sbom, checksums } = await packRelease(root, folder);
const { components } = JSON.parse(readFileSync(sbom, 'utf8'));
report('packed', `${tarball}, ${sbom} (${components.length} packages), ${checksums}`);

const OPTIONS = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
const trial = mkdtempSync(join(tmpdir(), 'kipu-referrals-installed-'));
const [unpacked, empty] = [join(trial, 'package'), join(trial, 'empty')];
try {
  await tryUnpacked();
  await tryInstalled();
} finally {
  rmSync(trial, { recursive: true, force: true });
}

/** The way of releases.md: exactly the packages that were locked. */
async function tryUnpacked(): Promise<void> {
  await runToEnd('tar', ['xzf', tarball], { cwd: trial });
  await timed('npm ci in the unpacked folder', () => runToEnd('npm', ['ci', ...OPTIONS], { cwd: unpacked }));
  await tryProgram(join(unpacked, 'bin/kipu-referrals.js'));
}

/** As a package of another folder: the newest packages that fit. */
async function tryInstalled(): Promise<void> {
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{ "private": true }\n');
  await timed('npm install in an empty folder', () =>
    runToEnd('npm', ['install', ...OPTIONS, tarball], { cwd: empty }),
  );
  const program = join(empty, 'node_modules/.bin/kipu-referrals');
  expectThat('--version prints the version', await run(program, ['--version']), ({ out }) => out.trim() === version);
}

async function tryProgram(program: string): Promise<void> {
  expectThat('--version prints the version', await run(program, ['--version']), ({ out }) => out.trim() === version);
  expectThat('--help lists the commands', await run(program, ['--help']), ({ out }) => /\n {2}worker/.test(out));
  const wrong = await run(program, ['worker'], { MONGODB_URI: 'nonsense' });
  expectThat(
    'worker refuses wrong settings with 2',
    wrong,
    ({ code, err }) => code === 2 && err.includes('MONGODB_URI'),
  );

  const starting = [startMongo({ storagePath: ':memory:' }), startTemporal({ uiPort: false })] as const;
  try {
    const [mongo, temporal] = await Promise.all(starting);
    const key = Buffer.alloc(32, 7).toString('base64');
    const env = {
      MONGODB_URI: mongo.uri,
      TEMPORAL_ADDRESS: temporal.address,
      CONNECTIONS_KEY: key,
      DATA_DIR: join(trial, 'data'),
    };
    expectThat('setup sets up MongoDB and Temporal', await run(program, ['setup'], env), ({ code }) => code === 0);
    const plan = await run(program, ['migrate', '--dry-run', '--json'], env);
    expectThat('migrate has nothing left', plan, ({ out }) => JSON.parse(out).done === true);
    expectThat('worker polls, and ends with 0 after SIGTERM', await runWorker(program, env), ({ code }) => code === 0);
  } finally {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  }
}

function start(program: string, args: readonly string[], env: Record<string, string> = {}) {
  return startProgram(program, args, { cwd: trial, env: { ...serverEnvironment(), ...env } });
}

function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return start(program, args, env).ended;
}

/** Starts a worker, and stops it when it polls, or after a minute. */
async function runWorker(program: string, env: Record<string, string>): Promise<Ended> {
  const { child, ended } = start(program, ['worker'], { ...env, SHUTDOWN_GRACE_SECONDS: '1' });
  const late = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
  let printed = '';
  child.stdout?.on('data', (bytes) => {
    const polled = printed.includes(POLLS);
    printed += bytes;
    // Once: a second signal would end it at once.
    if (!polled && printed.includes(POLLS)) child.kill('SIGTERM');
  });
  try {
    return await ended;
  } finally {
    clearTimeout(late);
  }
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  report('installed', `${what}: ${Math.round((performance.now() - from) / 1_000)} s`);
}

function expectThat(claim: string, ended: Ended, holds: (ended: Ended) => boolean): void {
  if (!holds(ended)) throw new Error(`Not so: ${claim}. It ended with ${ended.code}:\n${ended.err}${ended.out}`);
  report('tried', claim);
}

function report(what: string, detail: string): void {
  console.log(`${what.padEnd(10)} ${detail}`);
}
