import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/imports.ts';

/** Those of the planted bugs that a few seeds find. The command finds all of them in a few minutes. */
const SAMPLE = ['void-keeps-referral', 'dispatched-before-signaled'];

/** Each process compiles what it imports, on a machine that other tests use too. */
const TIMEOUT_MS = 120_000;

function simulateCommand(...flags: string[]): Promise<{ code: unknown; said: string }> {
  const args = ['--import', 'tsx', join(root, 'test/simulation/command.ts'), ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, said) => resolve({ code: error?.code ?? 0, said }));
  });
}

describe('The command', { timeout: TIMEOUT_MS }, () => {
  it('finds planted bugs, each by a seed that is right without it', async () => {
    const { code, said } = await simulateCommand('--planted', SAMPLE.join(), '--json');
    const found = JSON.parse(said) as { name: string; seed: number; problem: string }[];
    expect(found.map(({ name }) => name)).toEqual(SAMPLE);
    for (const { seed, problem } of found) {
      expect(seed).toBeGreaterThan(0);
      expect(problem).toMatch(/^after \d/);
    }
    expect(code).toBe(0);
  });

  it('ends with exit code 1 where it does not find one in time', async () => {
    const { code, said } = await simulateCommand('--planted', 'unlock-without-audit,', '--minutes', '0');
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('unlock-without-audit: NOT FOUND') });
  });

  it('ends with exit code 1 and the smallest plan where a seed fails', async () => {
    const { code, said } = await simulateCommand('--planted', 'dispatched-before-signaled', '--seed', '1');
    expect(code).toBe(1);
    expect(said).toContain('a delivery is dispatched and nobody heard of it');
    expect(said).toMatch(/Plan, \d+ of \d+ entries after \d+ simulations/);
  });
});
