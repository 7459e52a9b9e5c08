import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveBacking } from '../../../../cli/backing/backing.ts';
import {
  claim,
  findHolder,
  localAuditKey,
  localConnectionsKey,
  release,
  updateServiceFile,
} from '../../../../cli/backing/dataDir.ts';
import { parseConnectionKey } from '../../../../config/connectionKeys.ts';
import { readSettings } from '../../../../config/settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-data-dir-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Replaces the holder in the service file with another process. */
function storeHolder(holder: { pid: number; program: string }): void {
  const file = join(folder, 'service.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...holder }));
}

/** Starts a process with that program name, which runs until it is killed. */
async function startProcess(program: string) {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn(program, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    env: { ...process.env, PATH: path },
  });
  await once(child.stdout, 'data');
  return child;
}

describe('A data folder', () => {
  it('is held by the process that claimed it until it is released', async () => {
    expect(findHolder(folder)).toBeNull();
    expect(await claim(folder, 'service')).toBe(true);
    updateServiceFile(folder, { mongoUri: 'mongodb://127.0.0.1:1/' });
    expect(findHolder(folder)).toMatchObject({ pid: process.pid, kind: 'service', mongoUri: 'mongodb://127.0.0.1:1/' });
    expect(await claim(folder, 'command')).toBe(false);
    release(folder);
    expect(findHolder(folder)).toBeNull();
  });

  it.each([['node'], [process.execPath]])(
    'is not taken from a running process that was started as %s',
    async (program) => {
      const child = await startProcess(program);
      await claim(folder, 'service');
      storeHolder({ pid: child.pid ?? 0, program });
      expect(findHolder(folder)?.pid).toBe(child.pid);
      expect(await claim(folder, 'command')).toBe(false);

      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(findHolder(folder)).toBeNull();
      expect(await claim(folder, 'command')).toBe(true);
    },
  );

  it('is free when its holder has ended and another program has its process id', async () => {
    await claim(folder, 'service');
    storeHolder({ pid: 1, program: process.execPath });
    expect(await claim(folder, 'command')).toBe(true);
  });
});

describe('The key of the local audit', () => {
  it('is random, stays the same, and can be read by its owner only', () => {
    const key = localAuditKey(folder);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(localAuditKey(folder)).toBe(key);
    expect(statSync(join(folder, 'audit.key')).mode & 0o777).toBe(0o600);
    const other = join(folder, 'other');
    expect(localAuditKey(other)).not.toBe(key);
  });

  it('has a key beside it for stored connections, which another MongoDB has not', () => {
    const key = localConnectionsKey(folder);
    expect(localConnectionsKey(folder)).toBe(key);
    expect(statSync(join(folder, 'connections.key')).mode & 0o777).toBe(0o600);
    const keysOf = (env: Record<string, string>) =>
      resolveBacking(readSettings({ DATA_DIR: folder, ...env }), null).settings.connectionKeys;
    expect(keysOf({})).toEqual([parseConnectionKey(key)]);
    expect(keysOf({ MONGODB_URI: 'mongodb://db.example/?tls=true' })).toEqual([]);
    const set = Buffer.alloc(32, 7).toString('base64');
    expect(keysOf({ CONNECTIONS_KEY: set })).toEqual([parseConnectionKey(set)]);
  });

  it.each([
    ['a local MongoDB', {}, /^[0-9a-f]{64}$/],
    ['a local MongoDB and a key', { AUDIT_KEY: 'k'.repeat(32) }, /^k+$/],
    ['another MongoDB', { MONGODB_URI: 'mongodb://db.example/?tls=true' }, null],
  ])('is used for %s: %j', (_, env, expected) => {
    const [key] = resolveBacking(readSettings({ DATA_DIR: folder, ...env }), null).settings.mongo.auditKeys;
    if (expected === null) expect(key).toBeUndefined();
    else expect(key).toMatch(expected);
  });
});
