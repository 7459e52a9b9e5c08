import { z } from 'zod';
import { checkBaseUrl } from './baseUrl.ts';
import { CHART_PATH, CHART_ROUTE, chartAnswer, type KipuChart } from './chart.ts';
import { KipuError } from './errors.ts';
import { type CasefileId, parseCasefileId } from './fields.ts';
import { type KipuLocation, type KipuPage, locationsAnswer, pageAnswer } from './lists.ts';
import type { CallOptions, CensusQuery, KipuOptions, LatestQuery, PageQuery, VaultedQuery } from './options.ts';
import { MAX_PAGES, nextPage } from './paging.ts';
import { requestUri } from './requestUri.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';
import { type Credentials, DEFAULT_DIGEST, digests, signRequest } from './sign.ts';
import { Transport } from './transport.ts';

type Get<Schema> = {
  path: string;
  inPath?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  schema: Schema;
  unreadable: 'chart-unreadable' | 'page-unreadable';
};

/** The lists of charts, and their parameters besides those of the page. */
const lists = {
  latest: ({ startDay, endDay }: Partial<LatestQuery>) => ({
    path: '/api/patients/latest',
    query: { start_date: startDay, end_date: endDay },
  }),
  census: ({ startDay, endDay, locationId }: CensusQuery) => ({
    path: '/api/patients/census',
    // Whether a row carries a chart is told by its keys, and a lower level may leave keys and dates out.
    query: { phi_level: 'high', start_date: startDay, end_date: endDay, location_id: locationId },
  }),
  vaults: ({ startDay, endDay }: VaultedQuery) => ({
    path: '/api/vaults/patients',
    query: { start_date: startDay, end_date: endDay },
  }),
};

const anyPatient = z.object({ patient: z.record(z.string(), z.unknown()) }).transform((answer) => answer.patient);

/** Returns the parts of a casefile id. Throws `KipuError` for a text that is not one. */
function sendable(casefileId: string): CasefileId {
  const asked = parseCasefileId(casefileId);
  if (asked !== null) return asked;
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
 * Reads one KIPU instance over its API, version 3. Every method makes one attempt and throws `KipuError`; nothing is retried.
 * The constructor throws `TypeError`, with no value in its text, where an option cannot be used.
 */
export class KipuClient {
  readonly #credentials: Credentials;
  readonly #appId: string;
  readonly #now: () => Date;
  readonly #transport: Transport;

  constructor(options: KipuOptions) {
    const { baseUrl, accessId, secretKey, appId, digest = DEFAULT_DIGEST } = options;
    const { timeoutMs = 30_000, maxBodyBytes = 20_000_000, connections = 16 } = options;
    const checked = checkBaseUrl(baseUrl);
    if ('problem' in checked) throw new TypeError(`KIPU's base address ${checked.problem}`);
    if (!/^[!-9;-~]+$/.test(accessId)) throw new TypeError("KIPU's access id is empty or has blanks or colons");
    if (secretKey === '' || appId === '') throw new TypeError("KIPU's secret key and app id must not be empty");
    if (!digests.includes(digest)) throw new TypeError(`KIPU's digest must be one of ${digests.join(', ')}`);
    if (!Number.isInteger(connections) || connections < 1)
      throw new TypeError('connections must be a whole number from 1 on');
    this.#credentials = { accessId, secretKey, digest };
    this.#appId = appId;
    this.#now = options.now ?? (() => new Date());
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

  /** Charts whose update lies in the range of days. */
  async latestPage(query: LatestQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.latest(query), query, call)).page;
  }

  /** Charts of the census. */
  async censusPage(query: CensusQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.census(query), query, call)).page;
  }

  /** Charts that were deleted. */
  async vaultedPage(query: VaultedQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    return (await this.#page(lists.vaults(query), query, call)).page;
  }

  /**
   * One chart with all its fields. An answer about another chart is `chart-unreadable`; an id without a number before the
   * colon and a UUID behind it is `refused` and never sent, because KIPU takes the two parts separately.
   */
  async chart(casefileId: string, call: CallOptions = {}): Promise<KipuChart> {
    const asked = sendable(casefileId);
    const schema = chartAnswer.refine((chart) => chart.casefileId === asked.casefileId, {
      path: ['patient', 'casefile_id'],
    });
    return this.#get({ ...chartRequest(asked), schema }, call);
  }

  /** The instance's own locations. */
  locations(call: CallOptions = {}): Promise<KipuLocation[]> {
    return this.#get({ path: '/api/locations', schema: locationsAnswer, unreadable: 'page-unreadable' }, call);
  }

  /** Looks at lists and charts of the instance for what they are like; see `Sampler`. */
  sampler<Question extends string>(options: SamplerOptions<Question>): Sampler<Question> {
    return new Sampler(options, {
      page: (list, query, call) => this.#page(lists[list](query), query, call),
      chart: (casefileId, call) => this.#get({ ...chartRequest(sendable(casefileId)), schema: anyPatient }, call),
    });
  }

  /** Lets calls in flight end, then closes the connections. Calls made afterwards are `cancelled`. */
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
    const paged = { path, query: { ...query, page, per }, schema: pageAnswer, unreadable: 'page-unreadable' } as const;
    const answer = await this.#get(paged, call);
    const { raw, rows, refused, withChart, blank } = answer.patients;
    const { current_page, total_pages, total_records, records_per_page } = answer.pagination;
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
    const uri = requestUri(get.path, get.inPath ?? {}, { app_id: this.#appId, ...get.query });
    const headers = signRequest(this.#credentials, { requestUri: uri, date: this.#now() });
    const route = `GET ${get.path}`;
    const { json, facts } = await this.#transport.get({ route, requestUri: uri, headers, signal: call.signal });
    const parsed = get.schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole body'))];
    throw new KipuError(get.unreadable, { route, detail: `cannot read ${fields.join(', ')}`, ...facts });
  }
}
