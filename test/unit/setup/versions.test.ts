import { describe, expect, it } from 'vitest';
import { tooOld } from '../../../dev/setup/node-version.js';
import { findPythons } from '../../../dev/setup/python.js';

describe('tooOld', () => {
  it.each([
    ['20.19.0', false],
    ['20.20.2', false],
    ['22.0.0', false],
    ['20.18.3', true],
    ['18.20.8', true],
  ])('Node %s: %s', (version, expected) => {
    expect(tooOld(version) !== null).toBe(expected);
  });

  it('says what is needed and what there is', () => {
    expect(tooOld('18.20.8')).toBe('Node 20.19 or newer is needed; this is 18.20.8.');
  });
});

describe('findPythons', () => {
  const from = (there: Record<string, string>) => (command: string) => there[command] ?? null;

  it.each([
    [{ python3: '3.11' }, ['python3']],
    [{ python3: '3.9', 'python3.12': '3.12' }, ['python3.12']],
    [{ python3: '3.14', python: '3.13', 'python3.10': '3.10' }, ['python', 'python3.10']],
  ])('of %j takes %j', (there, expected) => {
    expect(findPythons(from(there))).toEqual(expected);
  });

  it.each([
    [{}, 'there is none on PATH'],
    [{ python3: '3.9', python: '2.7' }, 'found only 3.9, 2.7 on PATH'],
    [{ python3: '3.14' }, 'found only 3.14 on PATH'],
  ])('of %j says %j', (there, expected) => {
    expect(() => findPythons(from(there))).toThrow(expected);
  });
});
