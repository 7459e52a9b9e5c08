import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallFacts,
  type Digest,
  digests,
  type KipuChart,
  KipuClient,
  KipuError,
  type KipuErrorCode,
  type Questions,
  type Sampler,
} from '../../../../activities/kipu/index.ts';
import type { Instance } from '../../../../config/instances.ts';
import { isPlaceholder, missingFacts, requiredFacts } from '../../../../domain/readiness.ts';
import { listingWindow } from '../../../../domain/run.ts';
import { visibleText } from '../../../../domain/text.ts';
import { mayBeTheDigest } from '../kipu.ts';
import type { Endpoint, Observations, Question } from './observations.ts';

/** Most calls to one instance. */
export const MOST_CALLS = 30;
const CHARTS = 16;
const PER_PAGE = 100;
const PAGES = 2;
/** A clock this far off is reason enough for a refused signature: no second refusal is risked for another digest. */
const CLOCK_OFF_MS = 5 * 60_000;
/** Charts in a row that KIPU does not find, although its lists have them: the endpoint is off. */
const NOT_FOUND_IN_A_ROW = 3;

export type ProbedInstance = Instance & {
  timeZone?: string | undefined;
  locationTimeZones?: Record<string, string> | undefined;
};

export interface ProbeOptions {
  now?: () => Date;
  lookBackDays: number;
  timeoutMs: number;
  /** Wait between two calls, in milliseconds. */
  pauseMs: number;
}

/**
 * Reads one instance, one call after the other, at most 30, and stops at the first call that KIPU refuses for its
 * credentials, and where it asks for patience. Where the very first is refused for its signature, tries the other digest
 * once.
 */
export async function probe(instance: ProbedInstance, options: ProbeOptions): Promise<Observations> {
  const { now = () => new Date(), lookBackDays } = options;
  const zones = [instance.timeZone ?? [], Object.values(instance.locationTimeZones ?? {})].flat();
  const seen: Observations = {
    instance: instance.name,
    settings: {
      digest: instance.digest,
      timeZones: [...new Set(zones)],
      hasWebhookSecret: (instance.webhookSecrets ?? []).length > 0,
    },
    window: listingWindow('full', null, now(), lookBackDays),
    ...{ digests: { tried: [], accepted: null }, stopped: null, endpoints: {}, failedCharts: {}, calls: [] },
    ...{ locations: null, sample: null },
  };
  const kipu = await connect(instance, seen, options);
  if (kipu === null) return seen;
  const sampler = kipu.sampler<Question>({
    questions: questionsAt(now()),
    zones: seen.settings.timeZones,
    half: (chart) => isDischarged(chart, now()),
  });
  try {
    const ask = asker(seen, options);
    await readLists(sampler, seen, ask);
    await readCharts(sampler, seen, ask);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  } finally {
    await kipu.close();
  }
  seen.sample = sampler.facts();
  return seen;
}

/** Ends the probing; what it was is in the observations. */
class Stop extends Error {}

/** Faults of the credentials, of the connection, and the wish to be asked less: whatever follows would end the same. */
const STOPS: readonly KipuErrorCode[] = [
  ...(['unknown-client', 'authentication-failed', 'unknown-recipient', 'unauthorized'] as const),
  ...(['rate-limited', 'unreachable', 'redirected', 'cancelled'] as const),
];

/** At the very first call also silence says that nothing will come. */
const FIRST_STOPS: readonly KipuErrorCode[] = [...STOPS, 'forbidden', 'timeout', 'connection-lost'];

/** Reads the locations, by the other digest where the set one is refused. Returns the client that works; null where none does. */
async function connect(instance: Instance, seen: Observations, options: ProbeOptions): Promise<KipuClient | null> {
  const first = await open(instance, instance.digest, seen, options);
  const used = await maybeOther(first, instance, seen, options);
  if (used !== first) await first.kipu.close();
  seen.endpoints.locations = used.code;
  if (used.code === null || !FIRST_STOPS.includes(used.code)) {
    seen.digests.accepted = used.digest;
    return used.kipu;
  }
  seen.stopped = { code: used.code, endpoint: 'locations' };
  await used.kipu.close();
  return null;
}

interface Opened {
  kipu: KipuClient;
  digest: Digest;
  /** Why the locations could not be read. */
  code: KipuErrorCode | null;
}

async function open(instance: Instance, digest: Digest, seen: Observations, options: ProbeOptions): Promise<Opened> {
  const { baseUrl, accessId, secretKey, appId } = instance;
  const { now, timeoutMs } = options;
  const onCall = (call: CallFacts) => void seen.calls.push(call);
  const kipu = new KipuClient({ baseUrl, accessId, secretKey, appId, digest, now, timeoutMs, connections: 1, onCall });
  seen.digests.tried.push(digest);
  try {
    seen.locations = await kipu.locations();
    return { kipu, digest, code: null };
  } catch (error) {
    return { kipu, digest, code: codeOf(error) };
  }
}

/** Tries the other digest where the first may have been the wrong one, and returns whichever came further. */
async function maybeOther(
  first: Opened,
  instance: Instance,
  seen: Observations,
  options: ProbeOptions,
): Promise<Opened> {
  const digest = digests.find((one) => one !== first.digest);
  const isClock = Math.abs(seen.calls.at(-1)?.clockSkewMs ?? 0) >= CLOCK_OFF_MS;
  if (digest === undefined || !mayBeTheDigest(first.code) || isClock) return first;
  await sleep(options.pauseMs);
  const second = await open(instance, digest, seen, options);
  if (!mayBeTheDigest(second.code)) return second;
  await second.kipu.close();
  return first;
}

type Ask = <T>(endpoint: Endpoint, call: () => Promise<T>) => Promise<T | null>;

/** Makes calls that note their faults: null after one, and `Stop` where going on would be wrong. */
function asker(seen: Observations, { pauseMs }: ProbeOptions): Ask {
  return async (endpoint, call) => {
    if (seen.calls.length >= MOST_CALLS) throw new Stop();
    await sleep(pauseMs);
    try {
      const answer = await call();
      seen.endpoints[endpoint] ??= null;
      return answer;
    } catch (error) {
      const code = codeOf(error);
      if (endpoint === 'chart') seen.failedCharts[code] = (seen.failedCharts[code] ?? 0) + 1;
      else seen.endpoints[endpoint] = code;
      if (!STOPS.includes(code)) return null;
      seen.endpoints[endpoint] = code;
      seen.stopped = { code, endpoint };
      throw new Stop();
    }
  };
}

async function readLists(sampler: Sampler<Question>, { window }: Observations, ask: Ask): Promise<void> {
  const per = PER_PAGE;
  await pages(PAGES, (page) => ask('latest', () => sampler.latest({ ...window, page, per })));
  await pages(PAGES, (page) => ask('census', () => sampler.census({ ...window, page, per })));
  await pages(1, (page) => ask('census', () => sampler.census({ page, per })));
  await pages(1, (page) => ask('vaults', () => sampler.vaulted({ page, per })));
}

async function pages(most: number, read: (page: number) => Promise<number | null>): Promise<void> {
  for (let page: number | null = 1; page !== null && page <= most; ) page = await read(page);
}

async function readCharts(sampler: Sampler<Question>, seen: Observations, ask: Ask): Promise<void> {
  let notFound = 0;
  for (let read = 0; read < CHARTS; read += 1) {
    const before = { ...seen.failedCharts };
    const more = await ask('chart', () => sampler.chart());
    if (more === false) return;
    const failed = (code: KipuErrorCode) => (seen.failedCharts[code] ?? 0) > (before[code] ?? 0);
    notFound = failed('not-found') ? notFound + 1 : 0;
    const off = (['endpoint-off', 'forbidden', 'refused'] as const).find(failed);
    if (off === undefined && notFound < NOT_FOUND_IN_A_ROW) continue;
    seen.endpoints.chart = off ?? 'not-found';
    return;
  }
}

function questionsAt(now: Date): Questions<Question> {
  const has = requiredFacts.map((fact) => [fact, (chart: KipuChart) => !missingFacts(chart).includes(fact)] as const);
  return {
    placeholder: isPlaceholder,
    levelNamed: ({ levelOfCare, nextLevelOfCare }) => levelOfCare !== null || nextLevelOfCare !== null,
    levelPrefix: ({ levelOfCare, nextLevelOfCare }) =>
      [levelOfCare, nextLevelOfCare].some((level) => LEVEL_PREFIX.test(level ?? '')),
    discharged: (chart) => isDischarged(chart, now),
    dischargedWithDestination: (chart) => isDischarged(chart, now) && visibleText(chart.destination) !== '',
    // Every required fact is in the list.
    ...(Object.fromEntries(has) as Questions<(typeof requiredFacts)[number]>),
  };
}

/** For example `UR LOC: IOP`. */
const LEVEL_PREFIX = /^\s*UR\s*LOC\s*:/i;

/** By the day, which is near enough for a share. */
function isDischarged({ dischargeDate }: Pick<KipuChart, 'dischargeDate'>, now: Date): boolean {
  return dischargeDate !== null && dischargeDate.slice(0, 10) <= now.toISOString().slice(0, 10);
}

/** @throws whatever did not come from the client */
function codeOf(error: unknown): KipuErrorCode {
  if (error instanceof KipuError) return error.code;
  throw error;
}
