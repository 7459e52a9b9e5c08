import { z } from 'zod';
import { CHART_PATH, CHART_ROUTE, chartResponse, type KipuChart } from './chart.ts';
import { KipuError } from './errors.ts';
import { type CasefileId, parseCasefileId } from './fields.ts';
import { type KipuLocation, type KipuPage, locationsResponse, MAX_PAGES, nextPage, pageResponse } from './lists.ts';
import {
  type CallOptions,
  type CensusQuery,
  checkBaseUrl,
  type KipuOptions,
  type LatestQuery,
  type PageQuery,
  type VaultedQuery,
} from './options.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';
import { type Credentials, DEFAULT_DIGEST, digests, requestUri, signRequest } from './sign.ts';
import { Transport } from './transport.ts';

type Get<Schema> = {
  path: string;
  inPath?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  schema: Schema;
  unreadable: 'chart-unreadable' | 'page-unreadable';
};

/** The lists of charts, and their parameters besides page and size. */
const lists = {
  latest: ({ startDay, endDay }: Partial<LatestQuery>) => ({
    path: '/api/patients/latest',
    query: { start_date: startDay, end_date: endDay },
  }),
  census: ({ startDay, endDay, locationId }: CensusQuery) => ({
    path: '/api/patients/census',
    // A row carries a chart if it has all keys of one, and a lower level may leave out keys and dates.
    query: { phi_level: 'high', start_date: startDay, end_date: endDay, location_id: locationId },
  }),
  vaults: ({ startDay, endDay }: VaultedQuery) => ({
    path: '/api/vaults/patients',
    query: { start_date: startDay, end_date: endDay },
  }),
};

const anyPatient = z.object({ patient: z.record(z.string(), z.unknown()) }).transform(({ patient }) => patient);

/** More fields than this are counted, not named: a list can be wrong in every row, and errors are stored. */
const MOST_FIELDS = 30;

/** Returns the names of the fields that cannot be read. */
function fieldsText({ issues }: z.ZodError): string {
  const fields = [...new Set(issues.map(({ path }) => path.join('.') || 'the whole body'))];
  const more = fields.length - MOST_FIELDS;
  return `${fields.slice(0, MOST_FIELDS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Parses a casefile id. Throws `KipuError` for a text that is not one. */
function requireCasefileId(casefileId: string): CasefileId {
  const parsed = parseCasefileId(casefileId);
  if (parsed !== null) return parsed;
  throw new KipuError('refused', {
    route: CHART_ROUTE,
    detail: 'not sent, because the casefile id is not a number, a colon and a UUID',
  });
}

function chartRequest({ patientNumber, masterId }: CasefileId) {
  return {
    path: CHART_PATH,
    inPath: { patient_id: patientNumber },
    query: { phi_level: 'high', patient_master_id: masterId },
    unreadable: 'chart-unreadable' as const,
  };
}

/**
 * Reads one KIPU instance over its API, version 3. Every method makes one attempt and throws `KipuError`. The constructor
 * throws `TypeError`, with no value in its message, if an option is invalid.
 */
export class KipuClient {
  readonly #credentials: Credentials;
  readonly #appId: string;
  readonly #now: () => Date;
  readonly #beforeCall: () => Promise<void>;
  readonly #transport: Transport;

  constructor(options: KipuOptions) {
    const { baseUrl, accessId, secretKey, appId, digest = DEFAULT_DIGEST } = options;
    const { timeoutMs = 30_000, maxBodyBytes = 20_000_000, connections = 16 } = options;
    const checked = checkBaseUrl(baseUrl);
    if ('problem' in checked) throw new TypeError(`KIPU's base address ${checked.problem}`);
    if (!/^[!-9;-~]+$/.test(accessId)) throw new TypeError("KIPU's access id is empty or contains blanks or colons");
    if (secretKey === '' || appId === '') throw new TypeError("KIPU's secret key and app id must not be empty");
    if (!digests.includes(digest)) throw new TypeError(`KIPU's digest must be one of ${digests.join(', ')}`);
    if (!Number.isInteger(connections) || connections < 1)
      throw new TypeError('connections must be a whole number, at least 1');
    this.#credentials = { accessId, secretKey, digest };
    this.#appId = appId;
    this.#now = options.now ?? (() => new Date());
    this.#beforeCall = options.beforeCall ?? (async () => undefined);
    this.#transport = new Transport({
      origin: checked.origin,
      timeoutMs,
      maxBodyBytes,
      connections,
      now: this.#now,
      signal: options.signal,
      onCall: options.onCall,
    });
  }

  /** Lists charts that were updated within the range of days. */
  async latestPage(query: LatestQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.latest(query), query, call)).page;
  }

  /** Lists the charts of the census. */
  async censusPage(query: CensusQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.census(query), query, call)).page;
  }

  /** Lists charts that were deleted. */
  async vaultedPage(query: VaultedQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.vaults(query), query, call)).page;
  }

  /**
   * Returns one chart with all its fields. A response about another chart is `chart-unreadable`. An id that is not a number, a
   * colon and a UUID is `refused` and never sent, because KIPU takes the two parts separately.
   */
  async chart(casefileId: string, call: CallOptions = {}): Promise<KipuChart> {
    const requested = requireCasefileId(casefileId);
    const schema = chartResponse.refine((chart) => chart.casefileId === requested.casefileId, {
      path: ['patient', 'casefile_id'],
    });
    return this.#get({ ...chartRequest(requested), schema }, call);
  }

  /** Lists the locations of the instance. */
  locations(call: CallOptions = {}): Promise<KipuLocation[]> {
    return this.#get({ path: '/api/locations', schema: locationsResponse, unreadable: 'page-unreadable' }, call);
  }

  /** Returns a sampler, which describes the instance's lists and charts without patient data; see `Sampler`. */
  sampler<Question extends string>(options: SamplerOptions<Question>): Sampler<Question> {
    return new Sampler(options, {
      page: (list, query, call) => this.#page(lists[list](query), query, call),
      chart: (casefileId, call) =>
        this.#get({ ...chartRequest(requireCasefileId(casefileId)), schema: anyPatient }, call),
    });
  }

  /** Waits for the calls in flight, then closes the connections. Later calls are `cancelled`. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #page(
    { path, query }: Pick<Get<never>, 'path' | 'query'>,
    { page, per }: PageQuery,
    call: CallOptions,
  ): Promise<{ page: KipuPage; raw: unknown[] }> {
    if (page > MAX_PAGES) {
      throw new KipuError('page-unreadable', {
        route: `GET ${path}`,
        detail: `the list has more than ${MAX_PAGES} pages`,
      });
    }
    const paged = {
      path,
      query: { ...query, page, per },
      schema: pageResponse,
      unreadable: 'page-unreadable',
    } as const;
    const { patients, pagination } = await this.#get(paged, call);
    const { raw, rows, refused, withChart, blank } = patients;
    const { current_page, total_pages, total_records, records_per_page } = pagination;
    const next = nextPage({
      page,
      per,
      count: rows.length + refused,
      currentPage: current_page,
      totalPages: total_pages,
      totalRecords: total_records,
      recordsPerPage: records_per_page,
    });
    const totals = { totalPages: total_pages ?? 0, totalRecords: total_records };
    return { page: { rows, refused, withChart, blank, page, ...totals, next }, raw };
  }

  async #get<Schema extends z.ZodType>(get: Get<Schema>, call: CallOptions): Promise<z.output<Schema>> {
    await this.#beforeCall();
    const uri = requestUri(get.path, get.inPath ?? {}, { app_id: this.#appId, ...get.query });
    const headers = signRequest(this.#credentials, { requestUri: uri, date: this.#now() });
    const route = `GET ${get.path}`;
    const { json, facts } = await this.#transport.get({ route, requestUri: uri, headers, signal: call.signal });
    const parsed = get.schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new KipuError(get.unreadable, { route, detail: `cannot read ${fieldsText(parsed.error)}`, ...facts });
  }
}
