import type { z } from 'zod';
import { checkBaseUrl } from './baseUrl.ts';
import { chartAnswer, type KipuChart } from './chart.ts';
import { KipuError } from './errors.ts';
import { CASEFILE_ID } from './fields.ts';
import {
  type KipuLocation,
  type KipuPage,
  type KipuVaulted,
  locationsAnswer,
  pageAnswer,
  vaultedAnswer,
} from './lists.ts';
import type { CallOptions, CensusQuery, KipuOptions, LatestQuery, PageQuery, Walk } from './options.ts';
import { MAX_PAGES, nextPage, walkPages } from './paging.ts';
import { requestUri } from './requestUri.ts';
import { type Credentials, signRequest } from './sign.ts';
import { Transport } from './transport.ts';

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
    const { baseUrl, accessId, secretKey, appId, timeoutMs = 30_000, maxBodyBytes = 20_000_000 } = options;
    const checked = checkBaseUrl(baseUrl);
    if ('problem' in checked) throw new TypeError(`KIPU's base address ${checked.problem}`);
    if (!/^[!-9;-~]+$/.test(accessId)) throw new TypeError("KIPU's access id is empty or has blanks or colons");
    if (secretKey === '' || appId === '') throw new TypeError("KIPU's secret key and app id must not be empty");
    this.#credentials = { accessId, secretKey };
    this.#appId = appId;
    this.#now = options.now ?? (() => new Date());
    this.#transport = new Transport({
      origin: checked.origin,
      timeoutMs,
      maxBodyBytes,
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
    // Dates count as health information, so that a lower level may leave them out; only ids and dates are taken from a row.
    const narrowed = { phi_level: 'high', start_date: startDay, end_date: endDay, location_id: locationId };
    return this.#page('/api/patients/census', { page, per }, narrowed, call);
  }

  /** All pages of `latestPage`. A list longer than `MAX_PAGES` ends in `page-unreadable`. */
  latestPages(walk: Walk<LatestQuery>, call: CallOptions = {}): AsyncGenerator<KipuPage, void, undefined> {
    return walkPages(walk.page ?? 1, (page) => this.latestPage({ ...walk, page }, call));
  }

  /** All pages of `censusPage`. A list longer than `MAX_PAGES` ends in `page-unreadable`. */
  censusPages(walk: Walk<CensusQuery>, call: CallOptions = {}): AsyncGenerator<KipuPage, void, undefined> {
    return walkPages(walk.page ?? 1, (page) => this.censusPage({ ...walk, page }, call));
  }

  /** One chart with all its fields. An answer about another chart is `chart-unreadable`. */
  async chart(casefileId: string, call: CallOptions = {}): Promise<KipuChart> {
    const path = '/api/patients/{casefile_id}';
    if (!CASEFILE_ID.test(casefileId)) {
      throw new KipuError('refused', { route: `GET ${path}`, detail: 'not sent, as the casefile id is malformed' });
    }
    const inPath = { casefile_id: casefileId };
    const schema = chartAnswer.refine((chart) => chart.casefileId.toLowerCase() === casefileId.toLowerCase(), {
      path: ['patient', 'casefile_id'],
    });
    return this.#get({ path, inPath, query: { phi_level: 'high' }, schema, unreadable: 'chart-unreadable' }, call);
  }

  /** The instance's own locations. */
  locations(call: CallOptions = {}): Promise<KipuLocation[]> {
    return this.#get({ path: '/api/locations', schema: locationsAnswer, unreadable: 'page-unreadable' }, call);
  }

  /** Charts that were deleted. */
  vaultedPatients(call: CallOptions = {}): Promise<KipuVaulted[]> {
    return this.#get({ path: '/api/vaults/patients', schema: vaultedAnswer, unreadable: 'page-unreadable' }, call);
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
    const { rows, refused } = answer.patients;
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
    return { rows, refused, page, totalPages: total_pages ?? 0, totalRecords: total_records, next };
  }

  async #get<Schema extends z.ZodType>(get: Get<Schema>, call: CallOptions): Promise<z.output<Schema>> {
    const uri = requestUri(get.path, get.inPath ?? {}, { app_id: this.#appId, ...get.query });
    const headers = signRequest(this.#credentials, { method: 'GET', requestUri: uri, date: this.#now() });
    const route = `GET ${get.path}`;
    const { json, facts } = await this.#transport.get({ route, requestUri: uri, headers, signal: call.signal });
    const parsed = get.schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole body'))];
    throw new KipuError(get.unreadable, { route, detail: `cannot read ${fields.join(', ')}`, ...facts });
  }
}
