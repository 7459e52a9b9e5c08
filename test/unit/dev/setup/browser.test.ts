import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBrowser, howToGetBrowser } from '../../../../dev/setup/browser.js';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-browser-'));
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
const chrome = place('chrome', ['google-chrome', 'mine']);
const debian = place('debian', ['chromium']);
const locked = place('locked', ['chromium'], 0o644);
mkdirSync(join(empty, 'chromium'));

describe('findBrowser', () => {
  it.each([
    ['the first on PATH', { PATH: [empty, chrome].join(delimiter) }, join(chrome, 'google-chrome')],
    ['Chromium before Chrome', { PATH: [chrome, debian].join(delimiter) }, join(debian, 'chromium')],
    ['what CHROMIUM_PATH names', { PATH: debian, CHROMIUM_PATH: join(chrome, 'mine') }, join(chrome, 'mine')],
    ['nothing else than that', { PATH: debian, CHROMIUM_PATH: join(empty, 'gone') }, null],
    ['no folder, and nothing that does not run', { PATH: [empty, locked].join(delimiter) }, null],
    ['nothing without a PATH', {}, null],
  ])('finds %s', (_case, env, expected) => {
    expect(findBrowser(env)).toBe(expected);
  });
});

describe('howToGetBrowser', () => {
  it('returns what to install, and the setting for a program', () => {
    expect(howToGetBrowser({})).toMatch(/None was found\. Install one .*apt-get install -y chromium.*CHROMIUM_PATH/);
  });

  it('names a CHROMIUM_PATH that does not exist', () => {
    expect(howToGetBrowser({ CHROMIUM_PATH: '/gone' })).toContain('CHROMIUM_PATH is not a program: /gone.');
  });
});
