import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, root, sourceFiles, sourceText } from '../support/imports.ts';
import { folderOf, layout } from '../support/layout.ts';

const files = sourceFiles().filter((file) => file.includes('/'));
const tops = new Set(files.map((file) => file.split('/')[0]));
const imports = files.flatMap((file) => importsOf(file, sourceText(file)));

/** Returns what is wrong with an import, or null. */
function offense(found: Import): string | null {
  const { file, target, typeOnly } = found;
  const from = folderOf(file);
  const rule = layout.find(({ folder }) => folder === from);
  if (from === null || rule === undefined) return `${file}: its folder has no row`;
  const words = `${file} imports ${target}`;
  if (!tops.has(target.split('/')[0]) || !target.includes('/')) {
    return (rule.packages ?? [/./]).some((allowed) => allowed.test(target)) ? null : words;
  }
  const to = folderOf(target);
  if (to === null) return `${words}, whose folder has no row`;
  if (to === from) return isAnotherPage(file, target) ? words : null;
  return rule.imports.includes(to) || (typeOnly && (rule.typesOf ?? []).includes(to)) ? null : words;
}

/** Returns whether an import goes from one page to another, which is not allowed. */
function isAnotherPage(file: string, target: string): boolean {
  const pageOf = (path: string) => path.split('/').slice(0, 3).join('/');
  return folderOf(file) === 'web/staff/*' && pageOf(file) !== pageOf(target);
}

describe('The folder table', () => {
  it.each(layout)(
    'lets $folder import only what its row names, and rejects an import that violates the row',
    (rule) => {
      const own = imports.filter(({ file }) => folderOf(file) === rule.folder);
      expect(own.map(offense).filter((text) => text !== null)).toEqual([]);
      const file = `${rule.folder.replace('*', 'held')}/a.ts`;
      const broken = rule.folder === 'workflows/messages' ? 'workflows/messages.ts' : file;
      expect(importsOf(broken, rule.broken).map(offense)).not.toContain(null);
      expect(importsOf(broken, rule.broken)).toHaveLength(1);
    },
  );

  it('has a row for every folder of the product', () => {
    expect(files.filter((file) => folderOf(file) === null)).toEqual([]);
    const used = new Set(files.map(folderOf));
    expect(layout.filter(({ folder }) => !used.has(folder))).toEqual([]);
  });

  it('has no import that the code does not use', () => {
    const used = new Set(imports.map(({ file, target }) => `${folderOf(file)} -> ${folderOf(target)}`));
    const unused = layout.flatMap(({ folder, imports: to, typesOf = [] }) =>
      [...to, ...typesOf].filter((one) => !used.has(`${folder} -> ${one}`)).map((one) => `${folder} -> ${one}`),
    );
    expect(unused).toEqual([]);
  });

  it('has no two folders that import each other at run time', () => {
    const pairs = new Set(
      imports
        .filter(({ typeOnly, target }) => !typeOnly && tops.has(target.split('/')[0]))
        .map(({ file, target }) => `${folderOf(file)} -> ${folderOf(target)}`),
    );
    const both = [...pairs].filter((pair) => {
      const [from, to] = pair.split(' -> ');
      return from !== to && pairs.has(`${to} -> ${from}`);
    });
    expect(both).toEqual([]);
    const rows = layout.flatMap(({ folder, imports: to }) => to.map((one) => `${folder} -> ${one}`));
    expect(rows.filter((row) => rows.includes(row.split(' -> ').reverse().join(' -> ')))).toEqual([]);
  });

  it('lets only cli/backing, benchmarks and tests import the development folders, and none import the command line', () => {
    const users = (prefix: string) =>
      imports.filter(({ target }) => target.startsWith(prefix)).map(({ file }) => folderOf(file) ?? file);
    const outside = (folder: string, own: RegExp) => !own.test(folder);
    expect([...new Set(users('dev/'))].filter((one) => outside(one, /^(dev\/|cli\/backing$|bench$|bin$)/))).toEqual([]);
    expect([...new Set(users('cli/'))].filter((one) => outside(one, /^(cli|bin)(\/|$)/))).toEqual([]);
  });

  it('is the same in docs/architecture.md', () => {
    const [, text = ''] = readFileSync(join(root, 'docs/architecture.md'), 'utf8').split(/^## (?=Folders$)/m);
    const [table = ''] = text.split(/^## /m);
    const rows = Array.from(
      table.matchAll(/^\| `([\w*/-]+)\/?` \| [^|]+ \| ([^|]*) \|$/gm),
      ([, folder = '', names = '']) => {
        const named = Array.from(
          names.matchAll(/(types of )?`([\w*/-]+)`/g),
          ([, types, name]) => `${types ?? ''}${name}`,
        );
        return { folder, imports: named.sort() };
      },
    );
    const wanted = layout.map(({ folder, imports: to, typesOf = [] }) => ({
      folder,
      imports: [...to, ...typesOf.map((one) => `types of ${one}`)].sort(),
    }));
    const byFolder = (a: { folder: string }, b: { folder: string }) => (a.folder < b.folder ? -1 : 1);
    expect(rows.sort(byFolder)).toEqual(wanted.sort(byFolder));
  });
});

describe('Product files', () => {
  it('import each other at run time without a cycle', () => {
    expect(cycles(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
    const [a, b] = ['domain/a.ts', 'domain/b.ts'];
    const cycle = [
      { file: a, target: b, typeOnly: false },
      { file: b, target: a, typeOnly: false },
    ];
    expect(cycles(cycle)).toHaveLength(1);
  });

  it('have at most 250 lines each', () => {
    const long = files.filter((file) => sourceText(file).split('\n').length > 250);
    expect(long).toEqual([]);
  });

  it('read the environment only in config, in the set-up and mutation tests, and where programs are searched on PATH', () => {
    const exempt = /^(config\/|dev\/(setup|mutation)\/|dev\/servers\/programs\.ts$|bin\/)/;
    const readers = files.filter((file) => /\bprocess\s*\.\s*env\b/.test(sourceText(file)));
    expect(readers.filter((file) => !exempt.test(file))).toEqual([]);
    expect(readers).toContain('config/settings.ts');
  });

  it('are in folders that each have less than 30 percent of the code', () => {
    const lines = (file: string) => sourceText(file).split('\n').length;
    const all = files.reduce((sum, file) => sum + lines(file), 0);
    const shares = layout.map(({ folder }) => ({
      folder,
      share: files.filter((file) => folderOf(file) === folder).reduce((sum, file) => sum + lines(file), 0) / all,
    }));
    expect(shares.filter(({ share }) => share >= 0.3)).toEqual([]);
  });
});

/** Returns a path for each cycle in the imports. */
function cycles(edges: readonly Import[]): string[][] {
  const next = Map.groupBy(edges, ({ file }) => file);
  const done = new Set<string>();
  const found: string[][] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const { target } of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}

describe('importsOf', () => {
  it.each([
    ["import { a } from './b.ts';", ['client/b.ts'], false],
    ["import {\n  a,\n  type B,\n} from '../c/b.ts';", ['c/b.ts'], false],
    ["import type { A } from 'zod';", ['zod'], true],
    ["export * from './b.ts';", ['client/b.ts'], false],
    ["import './b.ts';", ['client/b.ts'], false],
    ["const a = await import('./b.ts');", ['client/b.ts'], false],
    ["// import { a } from './b.ts';", [], false],
    ["/*\nimport { a } from './b.ts';\n*/", [], false],
  ])('reads %j', (text, targets, typeOnly) => {
    expect(importsOf('client/a.ts', text)).toEqual(
      targets.map((target) => ({ file: 'client/a.ts', target, typeOnly })),
    );
  });
});
