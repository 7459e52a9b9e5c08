import { setTimeout as sleep } from 'node:timers/promises';
import type { Parts } from '../../dev/local/parts.ts';
import { openStore } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';

const LOOK_EVERY_MS = 1_000;
const STAND_IN_LIVES_EVERY_MS = 20_000;
const LOOKED_AT = 20;

/** Goes on until the signal: lets the stand-in's staff work, and says a line for each run that ends. */
export async function serve(
  parts: Parts,
  told: readonly RunDocument[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = openStore({ uri: parts.mongoUri, database: parts.settings.mongo.database });
  const known = new Set(told.map((run) => run._id));
  parts.standIn?.startLiving(STAND_IN_LIVES_EVERY_MS);
  try {
    while (!signal.aborted) {
      for (const run of (await store.runs.list({}, LOOKED_AT)).reverse()) {
        if (run.endedAt === null || known.has(run._id)) continue;
        known.add(run._id);
        say(lineOf(run, run.endedAt));
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    parts.standIn?.stopLiving();
    await store.close();
  }
}

function lineOf({ instance, mode, status, counts, fault }: RunDocument, endedAt: Date): string {
  const { listed, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  const sum = `${saved} saved, ${unchanged} unchanged, ${held} held, ${notReady} not ready, ${ignored} ignored, ${failed} failed`;
  const what = fault === null ? '' : ` — ${fault.text}`;
  return `${endedAt.toTimeString().slice(0, 8)}  ${instance}  ${mode} ${status}: ${listed} listed, ${due} due (${sum})${what}`;
}
