import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** How a program ended. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

interface RunOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts a program, whose end resolves with what it printed. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: RunOptions,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, err]): Ended => ({ code: child.exitCode, out, err }),
  );
  return { child, ended };
}

/** Runs a program and returns what it printed. Throws where it fails. */
export async function runToEnd(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, out, err } = await startProgram(command, args, options).ended;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${err}${out}`);
  return out;
}
