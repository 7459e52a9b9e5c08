import { CHART_ROUTE, type KipuChart } from './chart.ts';
import { KipuError } from './errors.ts';
import { parseCasefileId } from './fields.ts';
import type { KipuPage } from './lists.ts';
import type { CallOptions, CensusQuery, LatestQuery, PageQuery, VaultedQuery } from './options.ts';
import { type Questions, type ReadPatient, readPatient, Shape, type ShapeFacts } from './shape.ts';
import { ZoneEvidence, type ZoneFacts } from './zoneEvidence.ts';

export interface SamplerOptions<Question extends string> {
  questions: Questions<Question>;
  /** The zones that the settings name. */
  zones: readonly string[];
  /** Charts for which this is true, for example discharged ones, are read alternately with the others. */
  alternate: (chart: KipuChart) => boolean;
}

/** The lists that are sampled. `hereNow` is the census without days. */
const sampledLists = ['latest', 'census', 'hereNow', 'vaults'] as const;
export type SampledList = (typeof sampledLists)[number];

/** What the pages that were read show about a list. */
export interface ListFacts<Question extends string> extends ShapeFacts<Question> {
  pages: number;
  /** Whether the last page was read. */
  complete: boolean;
  /** As KIPU states it; null if it states nothing usable. */
  totalRecords: number | null;
  /** Rows in which every field besides ids is empty. */
  blank: number;
  /** Rows without a usable casefile id. */
  refused: number;
  /** Rows that carry a whole chart. */
  withChart: number;
  /** Rows of a casefile that the list contained before. */
  repeated: number;
  /** Casefile ids whose UUID has capital letters, and small ones. */
  ids: { capitals: number; small: number };
}

/** What is known about an instance after sampling: counts, names of KIPU's keys, offsets and names of zones. No patient data. */
export interface SampleFacts<Question extends string> {
  /** Null if no page of the list was read. */
  lists: Record<SampledList, ListFacts<Question> | null>;
  /** Charts read one by one. */
  charts: ShapeFacts<Question>;
  /** Census rows compared with their charts: how many were compared, how many differ, and how often in each key. */
  rowsBesideCharts: { compared: number; differ: number; keys: Record<string, number> };
  /** Different charts that were seen with more than ids, and for how many of them each question was answered with yes. */
  everywhere: { charts: number; yes: Record<Question, number> };
  zones: ZoneFacts;
}

interface Calls {
  page(
    list: 'latest' | 'census' | 'vaults',
    query: CensusQuery & PageQuery,
    call: CallOptions,
  ): Promise<{ page: KipuPage; raw: unknown[] }>;
  chart(casefileId: string, call: CallOptions): Promise<Record<string, unknown>>;
}

interface ListSeen<Question extends string> {
  shape: Shape<Question>;
  ids: Set<string>;
  facts: Omit<ListFacts<Question>, keyof ShapeFacts<Question>>;
}

/**
 * Reads lists and charts, one call at a time, and counts their keys, forms and differences. Charts stay inside: `facts` returns
 * counts, names of keys and forms, never a value. Created by `KipuClient.sampler`. Its calls throw `KipuError`.
 */
export class Sampler<Question extends string> {
  readonly #options: SamplerOptions<Question>;
  readonly #calls: Calls;
  readonly #lists = new Map<SampledList, ListSeen<Question>>();
  readonly #charts: Shape<Question>;
  readonly #zones = new ZoneEvidence();
  readonly #yes = new Map<string, Set<Question>>();
  /** Ids of charts that have not been read yet. */
  readonly #waiting = { alternate: new Set<string>(), other: new Set<string>() };
  readonly #censusRows = new Map<string, ReadPatient>();
  readonly #compared = { compared: 0, differ: 0, keys: {} as Record<string, number> };

  constructor(options: SamplerOptions<Question>, calls: Calls) {
    this.#options = options;
    this.#calls = calls;
    this.#charts = new Shape(options.questions);
  }

  /** Reads a page of the charts updated within the range of days. Like the next two, returns the page to request next. */
  latest(query: LatestQuery & PageQuery, call: CallOptions = {}): Promise<number | null> {
    return this.#page('latest', 'latest', query, call);
  }

  /** Reads a page of the census, of the given days or of now. */
  census(query: Omit<CensusQuery, 'locationId'> & PageQuery, call: CallOptions = {}): Promise<number | null> {
    return this.#page(query.startDay === undefined ? 'hereNow' : 'census', 'census', query, call);
  }

  /** Reads a page of the deleted charts. */
  vaulted(query: VaultedQuery & PageQuery, call: CallOptions = {}): Promise<number | null> {
    return this.#page('vaults', 'vaults', query, call);
  }

  /** Reads one of the listed charts, each only once. Returns false when none is left. */
  async chart(call: CallOptions = {}): Promise<boolean> {
    const { alternate, other } = this.#waiting;
    const [first, second] = this.#charts.facts().seen % 2 === 0 ? [alternate, other] : [other, alternate];
    const [casefileId] = first.size > 0 ? first : second;
    if (casefileId === undefined) return false;
    alternate.delete(casefileId);
    other.delete(casefileId);
    const raw = await this.#calls.chart(casefileId, call);
    const read = readPatient(raw);
    if (read.chart?.casefileId !== casefileId) {
      throw new KipuError('chart-unreadable', { route: CHART_ROUTE, detail: 'cannot read patient.casefile_id' });
    }
    this.#charts.add(raw, read);
    this.#remember(read);
    this.#compare(casefileId, read);
    return true;
  }

  /** Returns everything that was counted so far. */
  facts(): SampleFacts<Question> {
    const yes = Object.fromEntries(Object.keys(this.#options.questions).map((name) => [name, 0])) as Record<
      Question,
      number
    >;
    for (const names of this.#yes.values()) for (const name of names) yes[name] += 1;
    return {
      lists: Object.fromEntries(
        sampledLists.map((list) => {
          const seen = this.#lists.get(list);
          return [
            list,
            seen === undefined ? null : { ...seen.shape.facts(), ...seen.facts, ids: { ...seen.facts.ids } },
          ];
        }),
      ) as SampleFacts<Question>['lists'],
      charts: this.#charts.facts(),
      rowsBesideCharts: structuredClone(this.#compared),
      everywhere: { charts: this.#yes.size, yes },
      zones: this.#zones.facts(this.#options.zones),
    };
  }

  async #page(
    list: SampledList,
    endpoint: Parameters<Calls['page']>[0],
    query: CensusQuery & PageQuery,
    call: CallOptions,
  ): Promise<number | null> {
    const { page, raw } = await this.#calls.page(endpoint, query, call);
    const { shape, ids, facts } = this.#listSeen(list);
    facts.pages += 1;
    facts.complete = page.next === null;
    facts.totalRecords = page.totalRecords;
    facts.blank += page.blank;
    facts.refused += page.refused;
    facts.withChart += page.withChart;
    for (const { casefileId } of page.rows) {
      if (ids.has(casefileId)) facts.repeated += 1;
      ids.add(casefileId);
    }
    for (const row of raw) {
      if (row === null || typeof row !== 'object') continue;
      const read = readPatient(row);
      shape.add(row, read);
      if (read.chart === null) continue;
      countCase(facts.ids, row);
      this.#remember(read);
      if (endpoint === 'census') this.#censusRows.set(read.chart.casefileId, read);
      if (list !== 'vaults') this.#enqueue(read.chart);
    }
    return page.next;
  }

  #listSeen(list: SampledList): ListSeen<Question> {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const facts = {
      ...{ pages: 0, complete: false, totalRecords: null, blank: 0, refused: 0, withChart: 0, repeated: 0 },
      ids: { capitals: 0, small: 0 },
    };
    const seen = { shape: new Shape(this.#options.questions), ids: new Set<string>(), facts };
    this.#lists.set(list, seen);
    return seen;
  }

  #enqueue(chart: KipuChart): void {
    const { alternate, other } = this.#waiting;
    if (alternate.has(chart.casefileId) || other.has(chart.casefileId)) return;
    (this.#options.alternate(chart) ? alternate : other).add(chart.casefileId);
  }

  #remember(read: ReadPatient): void {
    const { chart, dates } = read;
    if (chart === null || hasOnlyIds(read)) return;
    const yes = this.#yes.get(chart.casefileId) ?? new Set<Question>();
    for (const name of this.#charts.answered(chart)) yes.add(name);
    this.#yes.set(chart.casefileId, yes);
    for (const { key, shape } of dates) this.#zones.add(key, shape, chart.casefileId);
  }

  /** Compares a chart with its row in the census, unless the chart changed between the two requests. */
  #compare(casefileId: string, { chart, values }: ReadPatient): void {
    const row = this.#censusRows.get(casefileId);
    const isSameState = row?.chart?.lastUpdatedAt == null || row.chart.lastUpdatedAt === chart?.lastUpdatedAt;
    if (row === undefined || hasOnlyIds(row) || !isSameState) return;
    const differing = Object.keys(row.values).filter((key) => row.values[key] !== values[key]);
    this.#compared.compared += 1;
    if (differing.length > 0) this.#compared.differ += 1;
    for (const key of differing) this.#compared.keys[key] = (this.#compared.keys[key] ?? 0) + 1;
  }
}

/** Returns true for a row with nothing but ids, which cannot answer a question about its chart. */
function hasOnlyIds({ values }: ReadPatient): boolean {
  return Object.entries(values).every(([key, value]) => value === null || key.endsWith('_id'));
}

function countCase(ids: { capitals: number; small: number }, row: object): void {
  const masterId = 'casefile_id' in row ? String(row.casefile_id).split(':')[1] : undefined;
  if (parseCasefileId(`1:${masterId}`) === null) return;
  if (/[A-F]/.test(masterId ?? '')) ids.capitals += 1;
  if (/[a-f]/.test(masterId ?? '')) ids.small += 1;
}
