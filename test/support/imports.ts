import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** The arguments with which a Node runs the sources as `npx kipu-referrals` does: from the code that is stored in `.local`. */
export const withTypeScript = ['--import', join(root, 'dev/setup/register.js')];

/** One import or re-export. */
export interface Import {
  /** The importing file, from the project's folder. */
  file: string;
  /** The imported file, from the project's folder, or the package as written. */
  target: string;
  /** Whether it imports types only. */
  typeOnly: boolean;
}

/** Returns the project's source files, from its folder. */
export function sourceFiles(): string[] {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|coverage$|test$)/.test(entry.name))
    .map((entry) => entry.name);
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.[cm]?[tj]sx?$/.test(file))
      .map((file) => join(folder, file)),
  );
}

export function sourceText(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Returns the imports in a source text, with dynamic ones and `import('…')` types. */
export function importsOf(file: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const bare = code.matchAll(/(?:^\s*import|\bimport\s*\()\s*['"]([^'"]+)['"]/gm);
  return [
    ...Array.from(statements, ([, type, target = '']) => ({ target, typeOnly: type !== undefined })),
    ...Array.from(bare, ([, target = '']) => ({ target, typeOnly: false })),
  ].map(({ target, typeOnly }) => ({
    file,
    target: target.startsWith('.') ? join(dirname(file), target) : target,
    typeOnly,
  }));
}
