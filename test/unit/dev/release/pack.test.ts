import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { productionLock } from '../../../../dev/release/pack.ts';
import { root } from '../../../support/imports.ts';

const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));

it('A release locks every package that runs in production, and none of development', () => {
  const { dependencies, devDependencies } = read('package.json');
  const { packages } = productionLock(read('package-lock.json'));
  const has = (name: string) => `node_modules/${name}` in packages;
  expect(Object.keys(dependencies).filter((name) => !has(name))).toEqual([]);
  expect(Object.entries(packages).filter(([, { dev }]) => dev === true)).toEqual([]);
  expect(packages['']).toMatchObject({ dependencies });
  expect(packages['']).not.toHaveProperty('devDependencies');
  expect(Object.keys(devDependencies).filter((name) => name === 'vitest' && has(name))).toEqual([]);
});

it('A package that is packed holds what its program loads', () => {
  const { bin, files, scripts } = read('package.json');
  expect(Object.values<string>(bin).filter((path) => !files.includes(path.split('/')[0]))).toEqual([]);
  expect(readFileSync(join(root, 'bin/kipu-referrals.js'), 'utf8')).toContain('../dist/cli/main.js');
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});
