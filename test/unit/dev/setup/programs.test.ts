import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mongoArguments } from '../../../../dev/servers/mongo.ts';
import { findProgram, ProgramMissingError, type ServerName } from '../../../../dev/servers/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-programs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function place(name: string, programs: string[], mode = 0o755): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  for (const program of programs) {
    writeFileSync(join(dir, program), '');
    chmodSync(join(dir, program), mode);
  }
  return dir;
}

const empty = place('empty', []);
const users = place('users', ['temporal', 'mongod', 'secantusd-py']);
const pinned = place('pinned', ['temporal', 'temporal-test-server', 'secantusd-py']);
const locked = place('locked', ['temporal'], 0o644);

describe('findProgram', () => {
  it.each<[ServerName, string[], string, string]>([
    ['temporal', [empty, users], join(users, 'temporal'), 'temporal'],
    ['temporal', [empty], join(pinned, 'temporal'), 'temporal'],
    ['temporal', [locked], join(pinned, 'temporal'), 'temporal'],
    ['temporal-test-server', [users], join(pinned, 'temporal-test-server'), 'temporal-test-server'],
    ['mongod', [users], join(users, 'mongod'), 'mongod'],
    ['mongod', [empty], join(pinned, 'secantusd-py'), 'secantusd-py'],
  ])('finds %s on %j', (name, path, expected, kind) => {
    expect(findProgram(name, path.join(delimiter), pinned)).toEqual({ path: expected, kind });
  });

  it('says what to run if there is none', () => {
    expect(() => findProgram('mongod', '', empty)).toThrow(ProgramMissingError);
    expect(() => findProgram('mongod', '', empty)).toThrow(/mongod is neither on PATH.*npm run set-up/);
  });
});

describe('mongoArguments', () => {
  const options = { storagePath: '/data', port: 1, keep: true, testCommands: false };

  it.each([
    ['secantusd-py', { ...options }, ['--sync-on-commit'], ['--enable-test-commands']],
    ['secantusd-py', { ...options, keep: false }, [], ['--sync-on-commit']],
    ['secantusd-py', { ...options, testCommands: true }, ['--enable-test-commands'], []],
    ['mongod', { ...options }, ['--replSet', '--dbpath'], ['--sync-on-commit', '--setParameter']],
    ['mongod', { ...options, testCommands: true }, ['--setParameter', 'enableTestCommands=1'], []],
  ] as const)('of %s with %j have %j and not %j', (kind, given, has, not) => {
    const args = mongoArguments(kind, given);
    expect(args).toEqual(expect.arrayContaining([...has]));
    expect(args.filter((arg) => not.some((one) => one === arg))).toEqual([]);
  });
});
