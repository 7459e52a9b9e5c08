import { z } from 'zod';
import { chartOfRow, type KipuChart } from './chart.ts';
import { casefileId, count, date, enabled, masterIdOf, text } from './fields.ts';

/** One row of a list. A value that cannot be read is null: reading the chart itself reports what is wrong with it. */
interface KipuRow {
  casefileId: string;
  masterId: string;
  lastUpdatedAt: string | null;
  dischargeDate: string | null;
  locationId: string | null;
  locationName: string | null;
  /** The whole chart, as `KipuClient.chart` would return it, if the row has every key of one; otherwise null. */
  chart: KipuChart | null;
}

/** One page of a list of charts. The same chart may be listed twice, on one page or on two. */
export interface KipuPage {
  rows: KipuRow[];
  /** Rows without a casefile id of the form `<number>:<uuid>`; they are not in `rows`. */
  refused: number;
  /** How many rows carry a chart. KIPU does not document which instances send such rows. */
  withChart: number;
  /**
   * How many rows, refused ones included, have no value in any field besides ids. An instance can answer 200 with nothing but
   * such rows.
   */
  blank: number;
  /** The requested page, from 1 up. */
  page: number;
  /** As KIPU states it; 0 if it states nothing usable. For display only: `next` decides. */
  totalPages: number;
  totalRecords: number | null;
  /** The page to request next; null at the end of the list. */
  next: number | null;
}

/** A location of the instance. `name` is empty if KIPU has none. */
export interface KipuLocation {
  id: string;
  name: string;
  enabled: boolean;
}

const row = z
  .object({
    casefile_id: casefileId,
    last_updated_at: date.catch(null),
    discharge_date: date.catch(null),
    location_id: text.catch(null),
    location_name: text.catch(null),
  })
  .transform((r) => ({
    casefileId: r.casefile_id,
    masterId: masterIdOf(r.casefile_id),
    lastUpdatedAt: r.last_updated_at,
    dischargeDate: r.discharge_date,
    locationId: r.location_id,
    locationName: r.location_name,
  }));

const pagination = z.object({
  current_page: count,
  total_pages: count,
  records_per_page: count,
  total_records: count,
});

const rows = z.array(z.unknown()).transform((all) => {
  const readable = all.map(readRow).filter((one) => one !== null);
  return {
    raw: all,
    rows: readable,
    refused: all.length - readable.length,
    withChart: readable.filter(({ chart }) => chart !== null).length,
    blank: all.filter(isBlankRow).length,
  };
});

function readRow(raw: unknown): KipuRow | null {
  const { data } = row.safeParse(raw);
  if (data === undefined || raw === null || typeof raw !== 'object') return null;
  return { ...data, chart: chartOfRow(raw) };
}

function isBlankRow(raw: unknown): boolean {
  if (raw === null || typeof raw !== 'object') return isBlank(raw);
  return Object.entries(raw).every(([key, value]) => /(?:^|_)id$/.test(key) || isBlank(value));
}

function isBlank(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** A page of a list of charts. Pagination may be absent or malformed. */
export const pageResponse = z.object({ pagination: pagination.catch(pagination.parse({})), patients: rows });

const location = z
  .object({ location_id: text, location_name: text, enabled })
  .refine(({ location_id }) => location_id !== null, { path: ['location_id'] })
  .transform((l): KipuLocation => ({ id: l.location_id ?? '', name: l.location_name ?? '', enabled: l.enabled }));

/** The response of `/api/locations`. */
export const locationsResponse = z.object({ locations: z.array(location) }).transform(({ locations }) => locations);

/** The last page that is ever requested. A longer list is an error, so that nothing is dropped silently. */
export const MAX_PAGES = 2_000;

/** What one response says about its place in the list. Null for what KIPU does not state usably. */
export interface PagePlace {
  /** The requested page. */
  page: number;
  /** Requested rows per page. */
  per: number;
  /** Received rows, readable or not. */
  count: number;
  currentPage: number | null;
  totalPages: number | null;
  totalRecords: number | null;
  recordsPerPage: number | null;
}

/**
 * Returns the page to request next, or null at the end of the list.
 *
 * KIPU's totals are hints: they may be null or zero, and they change while a list is read. So a page with rows ends the list
 * only if the totals agree that it is the last one. Otherwise the next page is requested, and an empty page ends the list.
 * One request too many is cheaper than a lost chart.
 */
export function nextPage(place: PagePlace): number | null {
  const { page, count, totalPages, totalRecords, currentPage } = place;
  const following = page + 1;
  if (totalPages !== null && page < totalPages) return following;
  if (count === 0) return null;
  if (totalPages === null || totalPages === 0) return following;
  if (page > totalPages) {
    // A server that repeats its last page for pages beyond the end states that page in current_page.
    const repeatsLastPage = currentPage !== null && currentPage > 0 && currentPage < page;
    return repeatsLastPage ? null : following;
  }
  const size = place.recordsPerPage || place.per;
  const complete = totalRecords === null ? count < size : (page - 1) * size + count >= totalRecords;
  return complete ? null : following;
}
