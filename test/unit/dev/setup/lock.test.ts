import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { withLock } from '../../../../dev/setup/lock.js';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('withLock runs one at a time, and releases the lock after a failure', async () => {
  const file = join(folder, 'made/by/it/a.lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    for (let i = 0; i < 20; i += 1) await turn();
    inside -= 1;
    throw new Error('broken');
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => withLock(file, work)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

it.each([
  ['of a process that has ended', String(spawnSync(process.execPath, ['-e', '']).pid)],
  ['without a process id', 'nobody'],
  ['that is empty', ''],
])('withLock replaces a lock %s', async (_case, content) => {
  const file = join(folder, 'stale.lock');
  writeFileSync(file, content);
  expect(await withLock(file, async () => 'done')).toBe('done');
  expect(existsSync(file)).toBe(false);
});
