import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import type { Backing } from '../backing/services.ts';
import { clock, newsLines } from './news.ts';

const LOOK_EVERY_MS = 1_000;
const STAND_IN_LIVES_EVERY_MS = 20_000;
const LOOKED_AT = 20;

/**
 * Goes on until the signal: lets the stand-in's staff work, and says a line for each run that ends, each referral that is
 * made or changed, and each notice.
 */
export async function serve(
  parts: Backing,
  told: readonly RunDocument[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = openStore({ uri: parts.mongoUri, database: parts.settings.mongo.database });
  const known = new Set(told.map((run) => run._id));
  const news = newsOf(store);
  parts.standIn?.startLiving(STAND_IN_LIVES_EVERY_MS);
  try {
    while (!signal.aborted) {
      for (const line of await news()) say(line);
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

/** Gives at each call the lines for what is new since the last one. */
function newsOf(store: Store): () => Promise<string[]> {
  const known = new Set<string>();
  const begun = new Date();
  const isNew = (key: string, at: Date) => at >= begun && !known.has(key) && known.add(key) !== undefined;
  return async () => {
    const [referrals, notices] = await Promise.all([
      store.referrals.list({}, LOOKED_AT),
      store.notices.list({}, LOOKED_AT),
    ]);
    return newsLines(
      referrals.filter(({ _id, revision, updatedAt }) => isNew(`${_id}/${revision}`, updatedAt)).reverse(),
      notices.filter(({ _id, at }) => isNew(_id, at)).reverse(),
    );
  };
}

function lineOf({ instance, mode, status, counts, fault }: RunDocument, endedAt: Date): string {
  const { listed, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  const sum = `${saved} saved, ${unchanged} unchanged, ${held} held, ${notReady} not ready, ${ignored} ignored, ${failed} failed`;
  const what = fault === null ? '' : ` — ${fault.text}`;
  return `${clock(endedAt)}  ${instance}  ${mode} ${status}: ${listed} listed, ${due} due (${sum})${what}`;
}
