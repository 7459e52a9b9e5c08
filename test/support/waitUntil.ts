import { setTimeout as sleep } from 'node:timers/promises';

/** Mutation tests wait for a shorter time. */
const LONGEST_MS = Number(process.env.TEST_WAIT_MS ?? 45_000);

/** Options for `expect.poll`, whose default timeout is short for a busy machine. */
export const inTime = { timeout: LONGEST_MS };

/** Resolves as soon as `holds` returns true. Rejects with `what` it waited for if that takes too long. */
export async function waitUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; !(await holds()); await sleep(20)) {
    if (Date.now() > end) throw new Error(`Timed out waiting until ${what}.`);
  }
}
