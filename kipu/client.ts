import type { z } from 'zod';
import { checkBaseUrl } from './baseUrl.ts';
import { chartAnswer, type KipuChart } from './chart.ts';
import { KipuError } from './errors.ts';
import { parseCasefileId } from './fields.ts';
import { type KipuLocation, type KipuPage, locationsAnswer, pageAnswer } from './lists.ts';
import type { CallOptions, CensusQuery, KipuOptions, LatestQuery, PageQuery, VaultedQuery } from './options.ts';
import { MAX_PAGES, nextPage } from './paging.ts';
import { requestUri } from './requestUri.ts';
import { type Credentials, DEFAULT_DIGEST, digests, signRequest } from './sign.ts';
import { Transport } from './transport.ts';

const CHART_PATH = '/api/patients/{patient_id}';

/** The route of one chart's answer in errors: what fails there is that chart's fault. */
export const CHART_ROUTE = `GET ${CHART_PATH}`;

type Get<Schema> = {
  path: string;
  inPath?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  schema: Schema;
  unreadable: 'chart-unreadable' | 'page-unreadable';
};

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
    });
  }

  /** Charts whose update lies in the range of days. */
  latestPage(query: LatestQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    const { startDay, endDay, page, per } = query;
    const path = '/api/patients/latest';
    return this.#page(path, { page, per }, { start_date: startDay, end_date: endDay }, call);
  }

  /** Charts of the census. */
  censusPage(query: CensusQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    const { page, per, startDay, endDay, locationId } = query;
    // Whether a row carries a chart is told by its keys, and a lower level may leave keys and dates out.
    const narrowed = { phi_level: 'high', start_date: startDay, end_date: endDay, location_id: locationId };
    return this.#page('/api/patients/census', { page, per }, narrowed, call);
  }

  /** Charts that were deleted. */
  vaultedPage(query: VaultedQuery & PageQuery, call: CallOptions = {}): Promise<KipuPage> {
    const { startDay, endDay, page, per } = query;
    return this.#page('/api/vaults/patients', { page, per }, { start_date: startDay, end_date: endDay }, call);
  }

  /**
   * One chart with all its fields. An answer about another chart is `chart-unreadable`; an id without a number before the
   * colon and a UUID behind it is `refused` and never sent, because KIPU takes the two parts separately.
   */
  async chart(casefileId: string, call: CallOptions = {}): Promise<KipuChart> {
    const asked = parseCasefileId(casefileId);
    if (asked === null) {
      throw new KipuError('refused', {
        route: CHART_ROUTE,
        detail: 'not sent, because the casefile id is not a number, a colon and a UUID',
      });
    }
    const schema = chartAnswer.refine((chart) => chart.casefileId === asked.casefileId, {
      path: ['patient', 'casefile_id'],
    });
    const inPath = { patient_id: asked.patientNumber };
    const query = { phi_level: 'high', patient_master_id: asked.masterId };
    return this.#get({ path: CHART_PATH, inPath, query, schema, unreadable: 'chart-unreadable' }, call);
  }

  /** The instance's own locations. */
  locations(call: CallOptions = {}): Promise<KipuLocation[]> {
    return this.#get({ path: '/api/locations', schema: locationsAnswer, unreadable: 'page-unreadable' }, call);
  }

  /** Lets calls in flight end, then closes the connections. Calls made afterwards are `cancelled`. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #page(
    path: string,
    { page, per }: PageQuery,
    narrowed: Get<never>['query'],
    call: CallOptions,
  ): Promise<KipuPage> {
    if (page > MAX_PAGES) {
      throw new KipuError('page-unreadable', {
        route: `GET ${path}`,
        detail: `the list has more than ${MAX_PAGES} pages`,
      });
    }
    const query = { ...narrowed, page, per };
    const answer = await this.#get({ path, query, schema: pageAnswer, unreadable: 'page-unreadable' }, call);
    const { rows, refused, withChart, blank } = answer.patients;
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
    return { rows, refused, withChart, blank, page, ...totals, next };
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
