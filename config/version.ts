import { existsSync, readFileSync } from 'node:fs';

/** Returns the version of this program, from package.json; in a build that is one folder higher. */
export function programVersion(): string {
  const file = ['../package.json', '../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  if (file === undefined) return 'unknown';
  const { version: text }: { version?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
  return typeof text === 'string' ? text : 'unknown';
}
