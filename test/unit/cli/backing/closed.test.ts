import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claim, release } from '../../../../cli/backing/dataDir.ts';
import {
  DataDirOpenError,
  DataDirUnusableError,
  makeFolder,
  makePrivate,
  onDataDir,
} from '../../../../cli/backing/privateFolder.ts';
import { refuseLocalStore, withBacking } from '../../../../cli/backing/services.ts';
import { explain } from '../../../../cli/terminal/errors.ts';
import { readSettings } from '../../../../config/settings.ts';
import { SettingsError } from '../../../../config/settingsError.ts';
import { serverEnvironment } from '../../../../dev/servers/programs.ts';

const real = { KIPU_ACCESS_ID: 'id', KIPU_SECRET_KEY: 'pw-secret', KIPU_APP_ID: 'app' };
const mongo = { MONGODB_URI: 'mongodb+srv://db.test' };
const temporal = { TEMPORAL_ADDRESS: 't.test:7233', TEMPORAL_API_KEY: 'pw-secret' };
const needs = { store: {}, temporal: { temporal: true }, worker: { worker: true } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-closed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('A KIPU that is not on this machine', () => {
  it.each<[keyof typeof needs, string, Record<string, string>]>([
    ['store', 'MONGODB_URI: set it', {}],
    ['temporal', 'MONGODB_URI and TEMPORAL_ADDRESS: set them', {}],
    ['worker', 'TEMPORAL_ADDRESS: set it', mongo],
    ['worker', 'MONGODB_URI: set it', temporal],
    ['store', 'MONGODB_URI: set it', { ...temporal, ALLOW_LOCAL_STORE: 'no' }],
  ])('meets no local server for a command that needs the %s: %s', async (need, text, more) => {
    const settings = readSettings({ ...real, ...more, DATA_DIR: join(folder, 'data') });
    const work = withBacking(settings, needs[need], async () => 'ran');
    await expect(work).rejects.toThrow(SettingsError);
    await expect(work).rejects.toThrow(text);
    await expect(work).rejects.toThrow('ALLOW_LOCAL_STORE=yes');
    expect(() => statSync(settings.dataDir)).toThrow('ENOENT');
  });

  it.each<[string, keyof typeof needs, Record<string, string>]>([
    ['where both servers are configured', 'worker', { ...real, ...mongo, ...temporal }],
    ['where Temporal is not needed', 'store', { ...real, ...mongo }],
    ['where the settings allow it', 'worker', { ...real, ALLOW_LOCAL_STORE: 'yes' }],
    ['where KIPU is on this machine', 'worker', { ...real, KIPU_BASE_URL: 'http://127.0.0.1:1' }],
    ['where KIPU is the stand-in', 'worker', {}],
  ])('is not refused %s', (_, need, env) => {
    expect(() => refuseLocalStore(readSettings(env), needs[need])).not.toThrow();
  });
});

describe('The data folder', () => {
  it('is created for its owner only', async () => {
    const made = join(folder, 'made/by/it');
    expect(await claim(made, 'command')).toBe(true);
    release(made);
    expect(modeOf(made)).toBe('700');
  });

  it('of an older version becomes private, with everything in it', () => {
    chmodSync(folder, 0o755);
    for (const sub of ['mongo', 'mongo/journal', 'logs']) mkdirSync(join(folder, sub), { mode: 0o755 });
    const files = ['temporal.db', 'temporal.db-wal', 'mongo/a.wt', 'mongo/journal/log', 'logs/worker.log'];
    for (const file of files) {
      writeFileSync(join(folder, file), '');
      chmodSync(join(folder, file), 0o644);
    }
    makePrivate(folder);
    expect(['', 'mongo', 'mongo/journal', 'logs'].map((sub) => modeOf(join(folder, sub)))).toEqual(
      Array(4).fill('700'),
    );
    expect(files.map((file) => modeOf(join(folder, file)))).toEqual(files.map(() => '600'));
  });

  it('that holds other files is refused, and not changed', () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'thesis.txt'), '');
    expect(() => makePrivate(folder)).toThrow(DataDirOpenError);
    expect(() => makePrivate(folder)).toThrow('chmod 700');
    expect(modeOf(folder)).toBe('755');
  });

  it('does not change what a link in it names', () => {
    const other = join(folder, 'other');
    writeFileSync(other, '');
    chmodSync(other, 0o644);
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    symlinkSync(other, join(data, 'mongo.log'));
    makePrivate(data);
    expect(modeOf(other)).toBe('644');
  });
});

describe('A local server', () => {
  it('gets no setting of ours in its environment', () => {
    const passed = { PATH: '/bin', HOME: '/home/a', TMPDIR: '/tmp', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
    const secrets = { KIPU_SECRET_KEY: 's', OIDC_CLIENT_SECRET: 's', MONGODB_URI: 's', TEMPORAL_API_KEY: 's' };
    expect(serverEnvironment({ ...passed, ...secrets, NODE_OPTIONS: 's', AWS_SECRET_ACCESS_KEY: 's' })).toEqual(passed);
  });
});

describe('A data folder that can not be used', () => {
  it.each([
    ['below a file', 'ENOTDIR', "can't be written (ENOTDIR). Set DATA_DIR to a folder that you may write."],
    ['on a full disk', 'ENOSPC', 'is full. Free some space, or set DATA_DIR'],
  ])('is named with what to do: %s', async (_, code, text) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const dataDir = join(file, 'data');
    const work =
      code === 'ENOTDIR'
        ? claim(dataDir, 'command')
        : onDataDir(dataDir, () => Promise.reject(Object.assign(new Error('write'), { code, syscall: 'write' })));
    const thrown = await work.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(DataDirUnusableError);
    expect(explain(thrown)).toEqual({ text: expect.stringContaining(text), exitCode: 1, expected: true });
    expect(String(thrown)).toContain(`DATA_DIR: ${code === 'ENOTDIR' ? dataDir : `the disk of ${dataDir}`}`);
  });

  it.runIf(process.platform === 'linux')(
    'is named where the system creates no folders, without an endless loop',
    async () => {
      for (const dataDir of ['/proc/x', '/proc/x/y']) {
        const thrown = await claim(dataDir, 'command').catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(DataDirUnusableError);
        expect(String(thrown)).toContain(`DATA_DIR: ${dataDir} can't be written (ENOENT). Set DATA_DIR to`);
      }
    },
  );

  it('creates the folders above one that does not exist, also where several processes do', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep, 0o700);
    makeFolder(deep, 0o700);
    expect(modeOf(deep)).toBe('700');
  });

  it('does not hide a bug', async () => {
    await expect(onDataDir(folder, () => Promise.reject(new TypeError('bug')))).rejects.toThrow(TypeError);
  });
});
