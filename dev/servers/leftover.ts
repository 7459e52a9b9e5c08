import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 10_000;
const POLL_MS = 50;

/** A server that an earlier service started, as it was noted then. */
export interface Leftover {
  pid: number;
  /** Path of the executable, as given to the system. */
  program: string;
}

/**
 * Ends a server that an earlier service left behind when it was killed: SIGTERM, then SIGKILL after ten seconds.
 * Process ids are used again, so nothing is done unless that process still runs that very program.
 * @returns whether there was one
 */
export async function stopLeftover(leftover: Leftover): Promise<boolean> {
  if (!isThere(leftover)) return false;
  signal(leftover.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (isThere(leftover) && Date.now() < deadline) await sleep(POLL_MS);
  if (isThere(leftover)) signal(leftover.pid, 'SIGKILL');
  while (isThere(leftover)) await sleep(POLL_MS);
  return true;
}

/** Whether that process still runs that program. A dead process that nobody has collected has no command line. */
export function isThere({ pid, program }: Leftover): boolean {
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
    // It ended in between.
  }
}
