import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 45_000;

/** For `expect.poll`, whose own time-out is short for a busy machine. */
export const inTime = { timeout: LONGEST_MS };

/** Resolves as soon as `holds` gives true; rejects, naming `what` it waited for, when it never does. */
export async function waitUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; !(await holds()); await sleep(20)) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
  }
}
