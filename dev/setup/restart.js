import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { run } from './child.js';

/**
 * Runs another Node in place of this one: as this process where that can be, else as its child, which gets its signals
 * and whose end becomes its own. The new Node is first on PATH, so that every program started from it runs on it too.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code; does not return where the program takes over this process
 */
export async function restart(program, args) {
  const env = { ...process.env, PATH: [dirname(program), process.env.PATH].filter(Boolean).join(delimiter) };
  // Not in Node 20, and not on Windows.
  process.execve?.(program, [program, ...args], env);
  const { code, signal } = await run(program, args, { env });
  if (signal === null) return code ?? 1;
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
