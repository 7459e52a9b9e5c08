import { z } from 'zod';
import { chartOfRow, type KipuChart } from './chart.ts';
import { casefileId, count, date, enabled, masterIdOf, text } from './fields.ts';

/** One row of a list. A value that cannot be read is null here: reading the chart itself says what is wrong with it. */
export interface KipuRow {
  casefileId: string;
  masterId: string;
  lastUpdatedAt: string | null;
  dischargeDate: string | null;
  locationId: string | null;
  locationName: string | null;
  /** The whole chart, equal to what `chart` would return, where the row has every key of one; otherwise null. */
  chart: KipuChart | null;
}

/** One page of a list of charts. A row may come twice, on one page or on two. */
export interface KipuPage {
  rows: KipuRow[];
  /** Rows without a casefile id of the form `<number>:<uuid>`; they are not in `rows`. */
  refused: number;
  /** Rows that carry a chart. Which instances send such rows is not documented. */
  withChart: number;
  /**
   * Rows, refused ones included, in which every field besides ids is empty. An instance can answer 200 with nothing but such
   * rows, so their number says more than the status.
   */
  blank: number;
  /** The page asked for, from 1 on. */
  page: number;
  /** As KIPU says; 0 where it says nothing usable. For show: `next` decides. */
  totalPages: number;
  totalRecords: number | null;
  /** The page to ask for next; null at the end of the list. */
  next: number | null;
}

/** A location of the instance. `name` is empty where KIPU has none. */
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

/** A page of a list of charts. Pagination may be absent or of any kind. */
export const pageAnswer = z.object({ pagination: pagination.catch(pagination.parse({})), patients: rows });

const location = z
  .object({ location_id: text, location_name: text, enabled })
  .refine(({ location_id }) => location_id !== null, { path: ['location_id'] })
  .transform((l): KipuLocation => ({ id: l.location_id ?? '', name: l.location_name ?? '', enabled: l.enabled }));

/** The answer of `/api/locations`. */
export const locationsAnswer = z.object({ locations: z.array(location) }).transform(({ locations }) => locations);
