#!/usr/bin/env node
// A checkout runs the TypeScript sources; an installed package holds only the build.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../cli/main.ts', import.meta.url))) {
  process.argv.splice(2, 0, 'cli');
  await import('../dev/setup/run.js');
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
