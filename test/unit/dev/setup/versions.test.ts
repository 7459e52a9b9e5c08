import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeAction, refusal } from '../../../../dev/setup/node-version.js';
import { findPythons } from '../../../../dev/setup/python.js';

describe('nodeAction', () => {
  it.each([
    ['18.20.8', 'refuse'],
    ['20.18.3', 'refuse'],
    ['20.19.0', 'restart'],
    ['20.20.2', 'restart'],
    ['21.7.3', 'restart'],
    ['22.18.0', 'restart'],
    ['22.19.0', 'run'],
    ['23.11.1', 'restart'],
    ['24.0.0', 'run'],
    ['25.9.0', 'restart'],
    ['26.0.0', 'run'],
    ['27.0.0', 'run'],
  ])('decides for Node %s: %s', (version, expected) => {
    expect(nodeAction(version)).toBe(expected);
  });

  it('agrees with what package.json tells npm', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
    expect(engines).toEqual({ node: '^22.19.0 || ^24.0.0 || >=26.0.0' });
  });

  it('runs on the Node that runs this test', () => {
    expect(nodeAction(process.versions.node)).toBe('run');
  });
});

describe('The refusal', () => {
  it('names the needed and the present version', () => {
    expect(refusal('18.20.8')).toBe('Node 20.19 or newer is needed; this is 18.20.8.');
  });
});

describe('findPythons', () => {
  const from = (there: Record<string, string>) => (command: string) => there[command] ?? null;

  it.each([
    [{ python3: '3.11' }, ['python3']],
    [{ python3: '3.9', 'python3.12': '3.12' }, ['python3.12']],
    [{ python3: '3.14', python: '3.13', 'python3.10': '3.10' }, ['python', 'python3.10']],
  ])('returns of %j the commands %j', (there, expected) => {
    expect(findPythons(from(there))).toEqual(expected);
  });

  it.each([
    [{}, 'there is none on PATH'],
    [{ python3: '3.9', python: '2.7' }, 'found only 3.9, 2.7 on PATH'],
    [{ python3: '3.14' }, 'found only 3.14 on PATH'],
  ])('throws for %j with %j', (there, expected) => {
    expect(() => findPythons(from(there))).toThrow(expected);
  });
});
