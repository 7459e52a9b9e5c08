import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../config/instances.ts';
import { isPlaceholder, missingFields, requiredFields, shownLevelOfCare, visibleText } from '../domain/chart.ts';
import { listingWindow } from '../domain/run.ts';
import { kindsWithoutSecret } from '../domain/webhookSecrets.ts';
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
} from '../kipu/index.ts';
import { CLOCK_FAULT_MS } from './access.ts';
import { mayBeTheDigest } from './digest.ts';
import type { Endpoint, Observations, Question } from './observations.ts';

/** The maximum of calls to one instance: those that its lists do not need are for charts. */
export const MAX_CALLS = 30;
const PER_PAGE = 100;
const PAGES = 2;
/** After this many listed charts in a row that cannot be read, no other chart is tried. */
const MAX_ERRORS_IN_A_ROW = 3;

export interface ProbeOptions {
  now?: () => Date;
  lookBackDays: number;
  timeoutMs: number;
  /** Wait between two calls, in milliseconds. */
  pauseMs: number;
}

/**
 * Reads one instance with at most 30 calls, one after the other. Stops at a call that KIPU refuses for its credentials or
 * for the rate of calls. Where the first call is refused for its signature, tries the other digest once.
 */
export async function probe(instance: Instance, options: ProbeOptions): Promise<Observations> {
  const { now = () => new Date(), lookBackDays } = options;
  const zones = [instance.timeZone ?? [], Object.values(instance.locationTimeZones ?? {})].flat();
  const seen: Observations = {
    instance: instance.name,
    settings: {
      digest: instance.digest,
      timeZones: [...new Set(zones)],
      hasWebhookSecret: kindsWithoutSecret(instance.webhookSecrets).length === 0,
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
    alternate: (chart) => isDischarged(chart, now()),
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

/** Ends the probe; the error is in the observations. */
class Stop extends Error {}

/** Errors of the credentials, of the connection and of the rate: further calls would fail in the same way. */
const STOPS: readonly KipuErrorCode[] = [
  ...(['unknown-client', 'authentication-failed', 'unknown-recipient', 'unauthorized'] as const),
  ...(['rate-limited', 'unreachable', 'redirected', 'cancelled'] as const),
];

/** At the first call a timeout or a lost connection also ends the probe. */
const FIRST_STOPS: readonly KipuErrorCode[] = [...STOPS, 'forbidden', 'timeout', 'connection-lost'];

/** Reads the locations, with the other digest where the configured one is refused. Returns the client that works, or null. */
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

/** Tries the other digest where the first may be the wrong one. Returns the last client that was tried. */
async function maybeOther(
  first: Opened,
  instance: Instance,
  seen: Observations,
  options: ProbeOptions,
): Promise<Opened> {
  const digest = digests.find((one) => one !== first.digest);
  // A second refusal is not risked where the clock explains the first.
  const isClock = Math.abs(seen.calls.at(-1)?.clockSkewMs ?? 0) >= CLOCK_FAULT_MS;
  if (digest === undefined || !mayBeTheDigest(first.code) || isClock) return first;
  await sleep(options.pauseMs);
  return open(instance, digest, seen, options);
}

type Asked<Answer> = { answer: Answer; fault: null } | { answer: null; fault: KipuErrorCode };
type Ask = <Answer>(endpoint: Endpoint, call: () => Promise<Answer>) => Promise<Asked<Answer>>;

/** Returns a function that makes calls, returns their errors, and throws `Stop` after an error that ends the probe. */
function asker(seen: Observations, { pauseMs }: ProbeOptions): Ask {
  return async (endpoint, call) => {
    await sleep(pauseMs);
    try {
      return { answer: await call(), fault: null };
    } catch (error) {
      const fault = codeOf(error);
      if (!STOPS.includes(fault)) return { answer: null, fault };
      seen.stopped = { code: fault, endpoint };
      throw new Stop();
    }
  };
}

async function readLists(sampler: Sampler<Question>, seen: Observations, ask: Ask): Promise<void> {
  const { window } = seen;
  const per = PER_PAGE;
  const read = async (endpoint: Endpoint, maxPages: number, call: (page: number) => Promise<number | null>) => {
    for (let page: number | null = 1; page !== null && page <= maxPages; ) {
      const asked: number = page;
      const { answer, fault }: Asked<number | null> = await ask(endpoint, () => call(asked));
      seen.endpoints[endpoint] = fault ?? seen.endpoints[endpoint] ?? null;
      page = answer;
    }
  };
  await read('latest', PAGES, (page) => sampler.latest({ ...window, page, per }));
  await read('census', PAGES, (page) => sampler.census({ ...window, page, per }));
  await read('census', 1, (page) => sampler.census({ page, per }));
  await read('vaults', 1, (page) => sampler.vaulted({ page, per }));
}

/** Errors of the endpoint itself, not of one chart. */
const ARE_OFF: readonly KipuErrorCode[] = ['endpoint-off', 'forbidden', 'refused'];

async function readCharts(sampler: Sampler<Question>, seen: Observations, ask: Ask): Promise<void> {
  let inARow = 0;
  while (seen.calls.length < MAX_CALLS) {
    const { answer, fault } = await ask('chart', () => sampler.chart());
    if (answer === false) return;
    if (fault === null) {
      seen.endpoints.chart = null;
      inARow = 0;
      continue;
    }
    seen.failedCharts[fault] = (seen.failedCharts[fault] ?? 0) + 1;
    inARow += 1;
    if (!ARE_OFF.includes(fault) && inARow < MAX_ERRORS_IN_A_ROW) continue;
    seen.endpoints.chart = ARE_OFF.includes(fault) ? fault : seen.endpoints.chart === null ? null : fault;
    if (seen.endpoints.chart === fault) seen.failedCharts = {};
    return;
  }
}

function questionsAt(now: Date): Questions<Question> {
  const has = requiredFields.map((fact) => [fact, (chart: KipuChart) => !missingFields(chart).includes(fact)] as const);
  return {
    placeholder: isPlaceholder,
    levelNamed: ({ levelOfCare, nextLevelOfCare }) => levelOfCare !== null || nextLevelOfCare !== null,
    levelPrefix: ({ levelOfCare, nextLevelOfCare }) =>
      [levelOfCare, nextLevelOfCare].some((level) => shownLevelOfCare(level) !== level),
    discharged: (chart) => isDischarged(chart, now),
    dischargedWithDestination: (chart) => isDischarged(chart, now) && visibleText(chart.destination) !== '',
    // Every required fact is in the list.
    ...(Object.fromEntries(has) as Questions<(typeof requiredFields)[number]>),
  };
}

/** Returns whether a chart is discharged, by the day, which is exact enough for a share. */
function isDischarged({ dischargeDate }: Pick<KipuChart, 'dischargeDate'>, now: Date): boolean {
  return dischargeDate !== null && dischargeDate.slice(0, 10) <= now.toISOString().slice(0, 10);
}

/** Returns the code of a KIPU error. @throws any other error */
function codeOf(error: unknown): KipuErrorCode {
  if (error instanceof KipuError) return error.code;
  throw error;
}
