import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../../../support/imports.ts';

const cache = mkdtempSync(join(tmpdir(), 'kipu-referrals-typescript-'));
afterAll(() => rmSync(cache, { recursive: true }));

/** Runs a program that may import TypeScript, in a process of its own, and returns what it prints. */
function run(program: string, folder = cache): string {
  const before = "import { runTypeScript } from './dev/setup/typescript.js'; runTypeScript(process.env.CACHE);";
  const env = { PATH: process.env.PATH ?? '', CACHE: folder };
  return execFileSync(process.execPath, ['--input-type=module', '-e', `${before}\n${program}`], {
    ...{ cwd: root, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] },
  });
}

const compiled = () =>
  readdirSync(join(cache, 'jsx')).map((name) => [name, statSync(join(cache, 'jsx', name)).mtimeMs] as const);

describe('runTypeScript', { timeout: 60_000 }, () => {
  it('imports pages, and compiles their JSX once', () => {
    const program = "console.log(typeof (await import('./web/ui/layout.tsx')).pageText)";
    expect(run(program)).toBe('function\n');
    const first = compiled();
    const sources = readdirSync(join(root, 'web'), { recursive: true, encoding: 'utf8' });
    expect(first).toHaveLength(sources.filter((name) => name.endsWith('.tsx')).length);
    expect(run(program)).toBe('function\n');
    expect(compiled()).toEqual(first);
  });

  it('works where nothing can be stored', () => {
    const file = join(cache, 'a-file');
    writeFileSync(file, '');
    expect(run("console.log(typeof (await import('./web/ui/layout.tsx')).pageText)", file)).toBe('function\n');
  });

  it('compiles again what was stored and is gone', () => {
    rmSync(join(cache, 'jsx'), { recursive: true, force: true });
    expect(run("console.log(typeof (await import('./web/ui/layout.tsx')).pageText)")).toBe('function\n');
    expect(compiled().length).toBeGreaterThan(0);
  });
});

describe('The start of the program', { timeout: 60_000 }, () => {
  const loaded = (args: readonly string[]) => {
    const log = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) {
        const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
        if (name) process.stderr.write('loaded ' + name + '\\n');
        return next(url, context);
      } });`;
    const program = `
      const { spawnSync } = await import('node:child_process');
      const args = ['--import', ${JSON.stringify(`data:text/javascript,${encodeURIComponent(log)}`)}, ...${JSON.stringify(['dev/setup/run.js', 'cli', ...args])}];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      console.log(JSON.stringify([status, stderr]));`;
    const [status, stderr] = JSON.parse(run(program)) as [number, string];
    const names = new Set(stderr.split('\n').flatMap((line) => line.match(/(?<=^loaded ).*/) ?? []));
    return { status, packages: [...names].sort() };
  };

  it.each([[['--help']], [['--version']]])('loads for %j only the packages that format the help', (args) => {
    expect(loaded(args)).toEqual({ status: 0, packages: ['commander', 'get-east-asian-width', 'string-width'] });
  });
});
