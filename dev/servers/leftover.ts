import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 10_000;
const POLL_MS = 50;

/** A server that an earlier service started, as recorded then. */
export interface Leftover {
  pid: number;
  /** Path of the executable, as in its command line. */
  program: string;
}

/**
 * Ends a server that a killed service left running: SIGTERM, then SIGKILL after ten seconds. Process ids are reused, so it
 * does nothing unless the process still runs that program.
 * @returns whether there was one
 */
export async function stopLeftover(leftover: Leftover): Promise<boolean> {
  if (!isStillRunning(leftover)) return false;
  signal(leftover.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (isStillRunning(leftover) && Date.now() < deadline) await sleep(POLL_MS);
  if (isStillRunning(leftover)) signal(leftover.pid, 'SIGKILL');
  while (isStillRunning(leftover)) await sleep(POLL_MS);
  return true;
}

/** Returns whether the process still runs the program. A zombie process has no command line. */
export function isStillRunning({ pid, program }: Leftover): boolean {
  return ` ${commandLine(pid)} `.includes(` ${program} `);
}

function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trimEnd();
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
