import { randomInt } from 'node:crypto';
import { addAccount } from '../client/accounts.ts';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { startMongo } from '../dev/servers/mongo.ts';
import { freePort } from '../dev/servers/ports.ts';
import { openStore } from '../store/connect.ts';
import { startWeb } from '../web/server.ts';

/*
 * Measures whether the time of a refused sign-in tells known names from unknown ones: 200 of each, mixed, each from another
 * address, one after the other, and after each of them the time of another page, because refusals are audited after their
 * answer. An AUC of 0.5 is chance, 1 tells every known name. Run it with `npx tsx bench/signInTiming.ts`.
 */

const NAMES = 200;
const WARM_UP = 20;

interface Sample {
  isKnown: boolean;
  refusedMs: number;
  afterMs: number;
}

const settings = readSettings({
  LOG_LEVEL: 'error',
  WEB_ADDRESS: '127.0.0.1:0',
  WEB_URL: 'https://referrals.test',
  WEB_TRUSTED_PROXIES: '127.0.0.1',
});
const stops: (() => Promise<void>)[] = [];

try {
  const mongo = await startMongo({ storagePath: ':memory:' });
  stops.push(() => mongo.stop());
  const store = openStore({ ...settings.mongo, uri: mongo.uri });
  stops.push(() => store.close());
  await store.setUp();
  for (let n = 0; n < NAMES; n += 1) {
    const account = {
      name: `known${n}`,
      displayName: 'Known',
      password: 'the password of nobody',
      role: 'viewer',
    } as const;
    await addAccount(store, { ...account, instances: '*' }, { who: 'benchmark', at: new Date() });
  }
  const address = `127.0.0.1:${await freePort()}`;
  const web = await startWeb({
    ...{ settings, mongoUri: mongo.uri, temporal: { address, namespace: 'default', connection: { address } } },
    ...{ instances: [], logger: createLogger('error') },
  });
  stops.push(() => web.stop());
  const measure = await browser(web.url);

  for (let n = 0; n < WARM_UP; n += 1) await measure(`warm${n}`, n);
  const names = Array.from({ length: NAMES }, (_, n) => [`known${n}`, `other${n}`]).flat();
  const samples: Sample[] = [];
  for (const [n, name] of shuffled(names).entries()) {
    const times = await measure(name, WARM_UP + n);
    samples.push({ isKnown: name.startsWith('known'), ...times });
  }
  const report = { refusal: compared(samples, 'refusedMs'), pageAfterwards: compared(samples, 'afterMs') };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  for (const stop of stops.reverse()) await stop();
}

/** Returns a function that signs in with a wrong password from an address of its own, and then opens a page. */
async function browser(url: string) {
  const from = (n: number) => ({
    'x-forwarded-proto': 'https',
    'x-forwarded-for': `198.18.${Math.floor(n / 250)}.${(n % 250) + 1}`,
  });
  const first = await fetch(`${url}/sign-in`, { headers: from(0) });
  const cookie = first.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(await first.text()) ?? [];
  if (token === '') throw new Error('The sign-in page has no form.');
  return async (name: string, n: number): Promise<Omit<Sample, 'isKnown'>> => {
    const body = new URLSearchParams({ _csrf: token, name, password: 'a wrong password', next: '/' });
    const headers = { ...from(n), cookie };
    const refused = await timed(() => fetch(`${url}/sign-in`, { method: 'POST', headers, body }), 401);
    const after = await timed(() => fetch(`${url}/sign-in`, { headers }), 200);
    return { refusedMs: refused, afterMs: after };
  };
}

async function timed(send: () => Promise<Response>, expected: number): Promise<number> {
  const begun = performance.now();
  const answer = await send();
  await answer.text();
  const took = performance.now() - begun;
  if (answer.status !== expected) throw new Error(`The answer was ${answer.status} instead of ${expected}.`);
  return took;
}

/** Returns the medians, and the share of pairs in which the known name took longer; equal times count as half. */
function compared(samples: readonly Sample[], what: 'refusedMs' | 'afterMs') {
  const of = (isKnown: boolean) => samples.filter((one) => one.isKnown === isKnown).map((one) => one[what]);
  const [known, unknown] = [of(true), of(false)];
  const wins = known.flatMap((one) => unknown.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
  const auc = wins.reduce((sum: number, one) => sum + one, 0) / wins.length;
  return { auc: round(auc), knownMedianMs: round(median(known)), unknownMedianMs: round(median(unknown)) };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function shuffled<T>(all: readonly T[]): T[] {
  const left = [...all];
  return Array.from(all, () => left.splice(randomInt(left.length), 1)).flat();
}
