#!/usr/bin/env node
// In a checkout the sources run as they are; an installed package holds only what was built of them.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../cli/main.ts', import.meta.url))) {
  process.argv.splice(2, 0, 'cli');
  await import('../dev/setup/run.js');
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
