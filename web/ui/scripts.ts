import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const names = ['keyboard', 'lists', 'session', 'print'] as const;

/** A script of the pages, with an address that changes with its text, so that browsers can cache it for a year. */
interface Script {
  path: string;
  version: string;
  text: string;
}

/** The scripts of the pages behind the sign-in. Every page works without them. */
export const scripts: readonly Script[] = names.map((name) => {
  const text = readFileSync(new URL(`./assets/${name}.js`, import.meta.url), 'utf8');
  return { path: `/assets/${name}.js`, text, version: createHash('sha256').update(text).digest('hex').slice(0, 12) };
});
