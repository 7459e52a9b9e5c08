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
