import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answering,
  afterCheck,
  answering,
  awaySince,
  kipuOutage,
  type Outage,
  outageShort,
  outageTexts,
} from '../domain/outage.ts';
import { canSee } from '../domain/role.ts';
import type { RunDocument } from '../store/documents.ts';
import type { Outages } from './auth/index.ts';

const EVERY_MS = 15_000;
/** While something is silent, it is checked more often, so that its banner disappears soon after it is back. */
const SOON_MS = 5_000;
const TIMEOUT_MS = 5_000;

export interface OutagesOptions {
  /** Resolve when the server answers. */
  temporal: () => Promise<unknown>;
  database: () => Promise<unknown>;
  /** Returns the last runs of an instance, newest first. */
  runs: (instance: string) => Promise<Pick<RunDocument, 'status' | 'fault' | 'startedAt'>[]>;
  instances: () => readonly string[];
  now: () => Date;
  everyMs?: number;
  soonMs?: number;
  timeoutMs?: number;
}

/** What is away. It is checked in the background, so that no request waits for it. */
interface WatchedOutages extends Outages {
  stop(): Promise<void>;
}

/** Checks Temporal, MongoDB and, by the last runs, each instance's KIPU, from now on until it is stopped. */
export function watchOutages(options: OutagesOptions): WatchedOutages {
  const { temporal, database, runs, instances, now } = options;
  const { everyMs = EVERY_MS, soonMs = SOON_MS, timeoutMs = TIMEOUT_MS } = options;
  const stopping = new AbortController();
  let known: { temporal: Answering; database: Answering; kipu: Outage[] } = {
    temporal: answering,
    database: answering,
    kipu: [],
  };
  const done = work();
  return {
    banners: (who) => all().filter(({ instance }) => instance === null || (who !== null && canSee(who, instance))),
    databaseAwaySince: () => awaySince(known.database),
    async stop() {
      stopping.abort();
      await done;
    },
  };

  function all(): Outage[] {
    const of = (what: 'database' | 'temporal'): Outage[] => {
      const since = awaySince(known[what]);
      return since === null ? [] : [{ text: outageTexts[what], short: outageShort[what], since, instance: null }];
    };
    return [...of('database'), ...of('temporal'), ...known.kipu];
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const [temporalAnswers, databaseAnswers] = await Promise.all([answers(temporal), answers(database)]);
      let { kipu } = known;
      const read = async () => {
        kipu = await ofKipu();
      };
      if (databaseAnswers) await answers(read);
      if (stopping.signal.aborted) return;
      const at = now();
      known = {
        temporal: afterCheck(known.temporal, temporalAnswers, at),
        database: afterCheck(known.database, databaseAnswers, at),
        kipu,
      };
      const pause = temporalAnswers && databaseAnswers ? everyMs : soonMs;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function ofKipu(): Promise<Outage[]> {
    const found = await Promise.all(instances().map(async (name) => kipuOutage(name, await runs(name))));
    return found.filter((one) => one !== null);
  }

  /** Returns whether the server answered in time; false also when the watch is stopped, which then waits for no check. */
  function answers(check: () => Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (answered: boolean) => {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', stop);
        resolve(answered);
      };
      const stop = () => end(false);
      const timer = setTimeout(stop, timeoutMs);
      stopping.signal.addEventListener('abort', stop);
      Promise.resolve()
        .then(check)
        .then(() => end(true), stop);
    });
  }
}
