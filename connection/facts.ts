import { type RequiredField, requiredFields, visibleText } from '../domain/chart.ts';
import type { ListFacts, SampledList, SampleFacts, ShapeFacts, ZoneFacts } from '../kipu/index.ts';
import { type EndpointResults, endpoints, type Observations, type Question } from './observations.ts';

/** The key of the destination in a chart or a row of the census. */
export const DESTINATION_KEY = 'discharge_or_transition_name';

/** The facts about one KIPU instance: the field `facts` of `doctor --live --json`. Null means not seen. */
export interface LiveFacts {
  /** The digest `set` in the settings and the one `accepted` by KIPU. */
  digest: { set: string; tried: string[]; accepted: string | null };
  /** The code of the error at which the probe stopped early. */
  stopped: string | null;
  /** This machine's clock minus KIPU's, in milliseconds: the median over all answers. */
  clockSkewMs: number | null;
  answers: { count: number; medianMs: number; slowestMs: number } | null;
  /** By endpoint: `answers`, or the code of its error; absent where it was not called. */
  endpoints: Partial<Record<keyof EndpointResults, string>>;
  locations: { name: string; enabled: boolean }[] | null;
  /**
   * `stated` by KIPU, `read` rows, `discharged` among those read (null where all are empty). `hereNow` is the census
   * without dates.
   */
  lists: Record<SampledList, { stated: number | null; read: number; discharged: number | null } | null>;
  /** Rows and charts in which every field but ids is empty. */
  blank: { rows: number; of: number };
  /** Charts read one by one, and how many have each required field. */
  required: ({ charts: number } & Record<RequiredField, number>) | null;
  /** Charts read one by one; `hasKey` have the key of the destination, `named` are discharged and name one. */
  destinations: { charts: number; hasKey: number; discharged: number; named: number } | null;
  /**
   * Rows of the census: `chart` have every key of a chart, `destination` have the key of the destination. `missingKeys` are
   * in no row. `compared` rows were compared with their charts; `differ` of them have other values in `differingKeys`.
   */
  censusRows: {
    read: number;
    chart: number;
    destination: number;
    missingKeys: string[];
    compared: number;
    differ: number;
    differingKeys: Record<string, number>;
  } | null;
  /** By key: how many dates are a day, a time without a zone, in UTC, or with an offset; and how many are midnight as written. */
  dates: Record<string, { day: number; clock: number; utc: number; offset: number; midnight: number }>;
  timeZone: ZoneFacts & { configured: string[] };
  /** Charts whose record number or name says TEST. */
  placeholders: { charts: number; of: number };
  /** Charts whose level of care begins with a prefix, of those that name a level. */
  levelPrefix: { charts: number; of: number };
  /** Casefile ids by the case of their UUID's letters; `refused` rows have no usable one. */
  casefileIds: { small: number; capitals: number; refused: number };
  /** Rows of a casefile that were already in the same list. */
  repeatedRows: { rows: number; of: number };
  /** By key: values that cannot be read. */
  unreadable: Record<string, number>;
  /** Whole numbers in record numbers and ids of locations and destinations, as JSON numbers and as strings. */
  numbers: { numbers: number; strings: number };
  /** Charts of the sample that could not be read, by code. */
  failedCharts: Record<string, number>;
}

/** Derives the facts from what the probe saw of an instance. Content is null where only the credentials were tried. */
export function factsOf(seen: Observations): LiveFacts {
  const { sample } = seen;
  const skews = seen.calls.map(({ clockSkewMs }) => clockSkewMs).filter((skew) => skew !== null);
  const times = seen.calls.filter(({ status }) => status !== null).map(({ ms }) => ms);
  const lists = Object.values(sample?.lists ?? {}).filter((list) => list !== null);
  const everywhere = sample?.everywhere;
  const charts = sample?.charts.seen ?? 0;
  return {
    digest: { set: seen.settings.digest, tried: [...seen.digests.tried], accepted: seen.digests.accepted },
    stopped: seen.stopped?.code ?? null,
    clockSkewMs: median(skews),
    answers:
      times.length === 0
        ? null
        : { count: times.length, medianMs: Math.round(median(times) ?? 0), slowestMs: Math.round(Math.max(...times)) },
    endpoints: Object.fromEntries(
      endpoints.flatMap((endpoint) => {
        const code = seen.endpoints[endpoint];
        return code === undefined ? [] : [[endpoint, code ?? 'answers']];
      }),
    ),
    locations: seen.locations?.map(({ name, enabled }) => ({ name: visibleText(name), enabled })) ?? null,
    lists: {
      latest: counts(sample?.lists.latest),
      census: counts(sample?.lists.census),
      hereNow: counts(sample?.lists.hereNow),
      vaults: counts(sample?.lists.vaults),
    },
    blank: { rows: sum(lists.map(({ blank }) => blank)), of: sum(lists.map(({ seen: rows }) => rows)) },
    required: sample === null || charts === 0 ? null : requiredOf(sample.charts),
    destinations: sample === null || charts === 0 ? null : destinationsOf(sample.charts),
    censusRows: sample === null ? null : censusRowsOf(sample),
    dates: sample === null ? {} : datesOf(sample),
    timeZone: { ...(sample?.zones ?? NO_ZONES), configured: seen.settings.timeZones },
    placeholders: { charts: everywhere?.yes.placeholder ?? 0, of: everywhere?.charts ?? 0 },
    levelPrefix: { charts: everywhere?.yes.levelPrefix ?? 0, of: everywhere?.yes.levelNamed ?? 0 },
    casefileIds: {
      small: sum(lists.map(({ ids }) => ids.small)),
      capitals: sum(lists.map(({ ids }) => ids.capitals)),
      refused: sum(lists.map(({ refused }) => refused)),
    },
    repeatedRows: { rows: sum(lists.map(({ repeated }) => repeated)), of: sum(lists.map(({ seen: rows }) => rows)) },
    unreadable: merged(shapesOf(sample).map(({ unreadable }) => unreadable)),
    numbers: numbersOf(shapesOf(sample)),
    failedCharts: { ...seen.failedCharts },
  };
}

const NO_ZONES: ZoneFacts = {
  ...{ source: null, values: 0, offsets: {}, fitConfigured: null, candidates: [] },
  admissions: { timed: 0, midnight: 0 },
};

type List = ListFacts<Question>;
type AnyShape = ShapeFacts<Question>;

function shapesOf(sample: SampleFacts<Question> | null): AnyShape[] {
  if (sample === null) return [];
  return [...Object.values(sample.lists).filter((list) => list !== null), sample.charts];
}

function counts(list: List | null | undefined) {
  if (list == null) return null;
  const isBlank = list.seen > 0 && list.blank === list.seen;
  return { stated: list.totalRecords, read: list.seen, discharged: isBlank ? null : list.yes.discharged };
}

function requiredOf({ seen, yes }: AnyShape) {
  const has = Object.fromEntries(requiredFields.map((fact) => [fact, yes[fact]])) as Record<RequiredField, number>;
  return { charts: seen, ...has };
}

function destinationsOf({ seen, keys, yes }: AnyShape) {
  const hasKey = keys[DESTINATION_KEY]?.present ?? 0;
  return { charts: seen, hasKey, discharged: yes.discharged, named: yes.dischargedWithDestination };
}

/** Counts rows of the census with dates where it has rows, or else of the census without dates. */
function censusRowsOf({ lists, rowsBesideCharts }: SampleFacts<Question>): LiveFacts['censusRows'] {
  const list = lists.census !== null && lists.census.seen > 0 ? lists.census : lists.hereNow;
  if (list === null || list.seen === 0) return null;
  const { compared, differ, keys } = rowsBesideCharts;
  return {
    ...{ read: list.seen, chart: list.withChart, destination: list.keys[DESTINATION_KEY]?.present ?? 0 },
    missingKeys: Object.keys(list.keys).filter((key) => list.keys[key]?.present === 0),
    ...{ compared, differ, differingKeys: keys },
  };
}

/** Counts the dates of each key in the shape that has most of them, so that no chart counts twice. */
function datesOf(sample: SampleFacts<Question>): LiveFacts['dates'] {
  const total = (shape: AnyShape, key: string) => {
    const { day = 0, clock = 0, utc = 0, offset = 0 } = shape.dates[key] ?? {};
    return day + clock + utc + offset;
  };
  const found: LiveFacts['dates'] = {};
  for (const key of Object.keys(sample.charts.dates)) {
    const [most] = shapesOf(sample).sort((a, b) => total(b, key) - total(a, key));
    const forms = most?.dates[key];
    if (most !== undefined && forms !== undefined && total(most, key) > 0) found[key] = { ...forms };
  }
  return found;
}

const NUMBERS = ['mr_number', 'location_id', 'discharge_or_transition_id'];

function numbersOf(shapes: readonly AnyShape[]): LiveFacts['numbers'] {
  const keys = shapes.flatMap(({ keys: all }) => NUMBERS.map((key) => all[key] ?? { numbers: 0, digits: 0 }));
  return { numbers: sum(keys.map((key) => key.numbers)), strings: sum(keys.map(({ digits }) => digits)) };
}

function merged(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [key, count] of all.flatMap(Object.entries)) total[key] = (total[key] ?? 0) + count;
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
