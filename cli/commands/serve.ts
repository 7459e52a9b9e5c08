import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type Store } from '../../store/connect.ts';
import type { NoticeDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import type { Backing } from '../backing/services.ts';
import { counted } from '../terminal/text.ts';

const POLL_MS = 1_000;
const STAND_IN_CHANGES_EVERY_MS = 20_000;
const LATEST = 20;

/** Runs until the signal: lets the stand-in's staff work, and prints what is new. `printed` are runs that were printed before. */
export async function serve(
  parts: Backing,
  printed: readonly RunDocument[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = openStore({ ...parts.settings.mongo, uri: parts.mongoUri });
  parts.standIn?.startLiving(STAND_IN_CHANGES_EVERY_MS);
  try {
    await follow(store, { printed, say, signal });
  } finally {
    parts.standIn?.stopLiving();
    await store.close();
  }
}

/** The part of the store that is read for news. */
export interface NewsStore {
  runs: Pick<Store['runs'], 'list'>;
  referrals: Pick<Store['referrals'], 'list'>;
  notices: Pick<Store['notices'], 'list'>;
  connect: Store['connect'];
}

/**
 * Prints a line for each run that ends, each referral that is created or changed, and each notice, from now until the signal.
 * Says once when MongoDB does not answer, and continues when it does again.
 */
export async function follow(
  store: NewsStore,
  options: { printed: readonly RunDocument[]; say: (line: string) => void; signal: AbortSignal; pollMs?: number },
): Promise<void> {
  const { printed, say, signal, pollMs = POLL_MS } = options;
  const readNews = newsReader(store, printed);
  let answers = true;
  while (!signal.aborted) {
    try {
      for (const line of await readNews()) say(line);
      if (!answers) say(`${clock(new Date())}  MongoDB answers again.`);
      answers = true;
    } catch {
      // The worker waits as well, and what KIPU sends is accepted later.
      if (answers) say(`${clock(new Date())}  MongoDB does not answer. Trying again until it does …`);
      answers = false;
      await store.connect().catch(() => undefined);
    }
    await sleep(pollMs, undefined, { signal });
  }
}

/** Returns a function that reads the lines for what is new since its last call. */
function newsReader(store: NewsStore, printed: readonly RunDocument[]): () => Promise<string[]> {
  const known = new Set(printed.map(({ _id }) => _id));
  const startedAt = new Date();
  const isNew = (key: string, at: Date) => at >= startedAt && !known.has(key) && known.add(key) !== undefined;
  return async () => {
    const [referrals, notices, runs] = await Promise.all([
      store.referrals.list({}, LATEST),
      store.notices.list({}, LATEST),
      store.runs.list({}, LATEST),
    ]);
    return [
      ...newsLines(
        referrals.filter(({ _id, revision, updatedAt }) => isNew(`${_id}/${revision}`, updatedAt)).reverse(),
        notices.filter(({ _id, at }) => isNew(_id, at)).reverse(),
      ),
      ...runs
        .reverse()
        .flatMap((run) => (run.endedAt !== null && isNew(run._id, run.endedAt) ? [runLine(run, run.endedAt)] : [])),
    ];
  };
}

function runLine({ instance, mode, status, counts, fault }: RunDocument, endedAt: Date): string {
  const { listed, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  const sum = `${saved} saved, ${unchanged} unchanged, ${held} held, ${notReady} not ready, ${ignored} ignored, ${failed} failed`;
  const what = fault === null ? '' : ` — ${fault.text}`;
  return `${clock(endedAt)}  ${instance}  ${mode} ${status}: ${listed} listed, ${due} due (${sum})${what}`;
}

/** More new referrals of one instance than this are printed as one line with their number. */
const MAX_SINGLE_LINES = 3;

export type ReferralNews = Pick<ReferralDocument, '_id' | 'instance' | 'change' | 'revision' | 'updatedAt'>;
export type NoticeNews = Pick<NoticeDocument, 'text' | 'at'>;

/** Formats lines for new referrals and notices. Referrals are named by their records: the terminal shows no patient data. */
export function newsLines(referrals: readonly ReferralNews[], notices: readonly NoticeNews[]): string[] {
  const instances = [...new Set(referrals.map(({ instance }) => instance))].sort();
  return [
    ...instances.flatMap((instance) => referralLines(referrals.filter((one) => one.instance === instance))),
    ...notices.map(({ at, text }) => `${clock(at)}  ${text}`),
  ];
}

function referralLines(referrals: readonly ReferralNews[]): string[] {
  const [first] = referrals;
  if (first !== undefined && referrals.length > MAX_SINGLE_LINES) {
    return [`${clock(first.updatedAt)}  ${first.instance}  ${counted(referrals.length, 'referral')}`];
  }
  return referrals.map(
    ({ _id, instance, change, revision, updatedAt }) =>
      `${clock(updatedAt)}  ${instance}  referral of ${_id} ${change} (revision ${revision})`,
  );
}

/** Formats a time of day on this machine's clock. */
function clock(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
