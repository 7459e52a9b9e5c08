import { describe, expect, it } from 'vitest';
import { type Import, importsOf, sourceFiles, sourceText } from '../support/imports.ts';

interface Rule {
  name: string;
  /** The importing files that it is about. */
  of: RegExp;
  allows: (found: Import) => boolean;
  /** An import that breaks it, to prove that it can be broken. */
  broken: { file: string; text: string };
}

const matches =
  (...patterns: RegExp[]) =>
  ({ target }: Import) =>
    patterns.some((pattern) => pattern.test(target));

const rules: Rule[] = [
  {
    name: 'workflows import workflows, the domain, the workflow SDK, and of activities only types',
    of: /^workflows\//,
    allows: (found) =>
      matches(/^(workflows|domain)\//, /^@temporalio\/(workflow|common)$/)(found) ||
      (found.typeOnly && matches(/^activities\//)(found)),
    broken: { file: 'workflows/a.ts', text: "import { pull } from '../activities/pull.ts';" },
  },
  {
    name: 'the domain imports only itself',
    of: /^domain\//,
    allows: matches(/^domain\//),
    broken: { file: 'domain/a.ts', text: "import { z } from 'zod';" },
  },
  {
    name: 'the KIPU client could be published by itself',
    of: /^activities\/kipu\//,
    allows: matches(/^activities\/kipu\//, /^zod$/, /^undici$/, /^node:/),
    broken: { file: 'activities/kipu/a.ts', text: "import type { Chart } from '../../domain/chart.ts';" },
  },
  {
    name: 'others take from workflows the messages, and types',
    of: /^(?!workflows\/)/,
    allows: (found) => found.typeOnly || !matches(/^workflows\/(?!messages)/)(found),
    broken: { file: 'client/a.ts', text: "import { sync } from '../workflows/sync.ts';" },
  },
  {
    name: 'the stand-in is KIPU: it shares nothing with those who call KIPU',
    of: /^dev\/stand-in\//,
    allows: (found) => !matches(/^(activities|workflows|domain|store|worker)\//)(found),
    broken: { file: 'dev/stand-in/a.ts', text: "export { sign } from '../../activities/kipu/sign.ts';" },
  },
  {
    name: 'the store knows nothing of KIPU, Temporal or the clients',
    of: /^store\//,
    allows: (found) => !matches(/^(activities|workflows|client|dev)\//, /^@temporalio\//)(found),
    broken: { file: 'store/a.ts', text: "const kipu = await import('../activities/kipu/index.ts');" },
  },
  {
    name: 'only the command line, the local service and benchmarks, which start the worker, import it',
    of: /^(?!worker\/|client\/cli\/|dev\/local\/|bench\/)/,
    allows: (found) => !matches(/^worker\//)(found),
    broken: { file: 'activities/a.ts', text: "import '../worker/main.ts';" },
  },
];

describe('the rooms', () => {
  const files = sourceFiles();

  it.each(rules)('$name', ({ of, allows, broken }) => {
    const offences = (file: string, text: string) =>
      of.test(file) ? importsOf(file, text).filter((found) => !allows(found)) : [];
    expect(files.flatMap((file) => offences(file, sourceText(file)))).toEqual([]);
    expect(offences(broken.file, broken.text)).toHaveLength(1);
  });

  it('only config reads the environment', () => {
    // The set-up runs before anything is there, and a program on PATH is found where programs are started.
    const exempt = /^(config\/|dev\/setup\/|dev\/servers\/programs\.ts$)/;
    const readers = files.filter((file) => /\bprocess\s*\.\s*env\b/.test(sourceText(file)));
    expect(readers.filter((file) => !exempt.test(file))).toEqual([]);
    expect(readers).toContain('config/settings.ts');
  });
});

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
