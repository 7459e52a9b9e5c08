import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { root, withTypeScript } from './imports.ts';

/** Runs `kipu-referrals` in a process of its own with only these settings, and waits until it exits. */
export async function commandLine(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [...withTypeScript, 'cli/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}
