import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { failureText, runInstaller } from '../../../../dev/setup/child.js';
import { packagesMatch, removeLink } from '../../../../dev/setup/packages.js';
import { localFolder } from '../../../../dev/setup/places.js';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/tool': { version: '2.0.0', integrity: 'sha512-t', dev: true },
    'node_modules/for-macs': { version: '3.0.0', integrity: 'sha512-m', optional: true },
  },
};
const a = wanted.packages['node_modules/a'];
const tool = wanted.packages['node_modules/tool'];

describe('packagesMatch', () => {
  it.each([
    ['is true if all packages are there', { 'node_modules/a': a, 'node_modules/tool': tool }, true],
    ['is true with an additional package', { 'node_modules/a': a, 'node_modules/tool': tool, x: {} }, true],
    ['is false if nothing is there', {}, false],
    ['is false without a development package', { 'node_modules/a': a }, false],
    [
      'is false with another version',
      { 'node_modules/a': { ...a, version: '1.0.1' }, 'node_modules/tool': tool },
      false,
    ],
    ['is false with another hash', { 'node_modules/a': { ...a, integrity: 'x' }, 'node_modules/tool': tool }, false],
    [
      'is false with another version of an optional package',
      { 'node_modules/a': a, 'node_modules/tool': tool, 'node_modules/for-macs': { version: '9' } },
      false,
    ],
  ])('%s', (_case, packages, expected) => {
    expect(packagesMatch(wanted, { packages })).toBe(expected);
  });
});

describe('A checkout whose folders are symbolic links', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kipu-referrals-links-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const [project, shared] = [join(folder, 'project'), join(folder, 'shared')];
  for (const name of ['project', 'shared/node_modules', 'shared/.local'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(shared, 'node_modules/a.js'), '');
  symlinkSync(join(shared, 'node_modules'), join(project, 'node_modules'));

  it('loses a link to packages before an installation, and the packages stay', () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    removeLink(join(project, 'node_modules'));
    expect(said.mock.calls.flat().join('')).toContain('was a symbolic link');
    expect(existsSync(join(project, 'node_modules'))).toBe(false);
    removeLink(join(shared, 'node_modules'));
    removeLink(join(project, 'gone'));
    expect(said).toHaveBeenCalledTimes(1);
    expect(readdirSync(join(shared, 'node_modules'))).toEqual(['a.js']);
    said.mockRestore();
  });

  it('uses the parts of the checkout whose folder the link names, at their own path', () => {
    expect(localFolder(project)).toBe(join(project, '.local'));
    symlinkSync(join(shared, '.local'), join(project, '.local'));
    expect(localFolder(project)).toBe(join(shared, '.local'));
    expect(localFolder(shared)).toBe(join(shared, '.local'));
  });
});

describe('failureText', () => {
  const texts = { what: 'the packages', index: 'the npm registry', folder: '/p', code: 1 };
  it.each([
    [
      'npm without a network',
      'npm error code EAI_AGAIN\nnpm error syscall getaddrinfo\nnpm error request to https://r.test/a failed\n    at stack',
      'No connection to the npm registry. Check the network or set a proxy (HTTPS_PROXY), then start again.',
    ],
    [
      'pip without a network',
      'WARNING: Retrying after connection broken by NewConnectionError(...)\nERROR: No matching distribution found',
      'No connection to the npm registry. Check the network or set a proxy (HTTPS_PROXY), then start again.',
    ],
    [
      'a full disk',
      'npm error code ENOSPC\nnpm error syscall write',
      'Setting up the packages failed: the disk of /p is full. All parts need about 1 GB. Free some space, then start again.',
    ],
    [
      'anything else',
      'npm error code EINTEGRITY\n',
      'Setting up the packages failed with exit code 1.\nnpm error code EINTEGRITY',
    ],
  ])('says in one sentence what is wrong: %s', (_, messages, expected) => {
    expect(failureText({ ...texts, messages })).toBe(expected);
  });
});

describe('runInstaller', () => {
  const texts = { what: 'the tool', index: 'the index', folder: '/p' };
  it('keeps what the program writes, and throws it where it fails', async () => {
    const run = (program: string) => runInstaller(texts, process.execPath, ['-e', program], {});
    await expect(run('console.error("noise")')).resolves.toBeUndefined();
    await expect(run('console.error("broken"); process.exit(7)')).rejects.toThrow(
      'Setting up the tool failed with exit code 7.\nbroken',
    );
    await expect(run('console.error("ENOTFOUND"); process.exit(1)')).rejects.toThrow(/^No connection to the index\./);
    await expect(run('process.kill(process.pid, "SIGTERM")')).rejects.toThrow('interrupted');
  });
});
