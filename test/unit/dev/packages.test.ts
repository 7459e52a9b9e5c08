import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/imports.ts';

interface Entry {
  version: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
}

const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>;
};
const packages = Object.entries(lockfile.packages).filter(([path]) => path !== '');

/** Licenses that allow the use in a product without publishing its source. */
const LICENSES = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense'],
  // Changes of its own files must be published, and we change none.
  'MPL-2.0',
  // Data of a development tool.
  'CC-BY-4.0',
];

/** States no license in its package.json; its LICENSE file is the Unlicense. */
const WITHOUT_LICENSE = ['node_modules/unionfs'];

const isAllowed = (license: string) => license.split(/ (?:AND|OR) /).every((one) => LICENSES.includes(one));

describe('The packages', () => {
  it('have a license that is allowed', () => {
    const others = packages.filter(([path, { license }]) =>
      license === undefined ? !WITHOUT_LICENSE.includes(path) : !isAllowed(license),
    );
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
    expect(['GPL-3.0', 'MIT AND GPL-2.0', 'UNLICENSED'].filter(isAllowed)).toEqual([]);
  });

  it('are pinned by a sha512', () => {
    expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  it('run no program when they are installed, and those that would are known to work without it', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    // @swc/core, esbuild and msgpackr-extract bring their programs as optional packages; that of protobufjs prints a warning.
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([
      'node_modules/@swc/core',
      'node_modules/esbuild',
      'node_modules/msgpackr-extract',
      'node_modules/protobufjs',
    ]);
  });
});
