import { z } from 'zod';
import { casefileId, count, date, enabled, masterIdOf, text } from './fields.ts';

/** One row of a list. A date that cannot be read is null here: reading the chart itself says what is wrong with it. */
export interface KipuRow {
  casefileId: string;
  masterId: string;
  lastUpdatedAt: string | null;
  dischargeDate: string | null;
}

/** One page of a list of charts. A row may come twice, on one page or on two. */
export interface KipuPage {
  rows: KipuRow[];
  /** Rows without a casefile id of the form `<number>:<uuid>`; they are not in `rows`. */
  refused: number;
  /** The page asked for, from 1 on. */
  page: number;
  /** As KIPU says; 0 where it says nothing usable. For show: `next` decides. */
  totalPages: number;
  totalRecords: number | null;
  /** The page to ask for next; null at the end of the list. */
  next: number | null;
}

/** A chart that was deleted in KIPU. */
export interface KipuVaulted {
  casefileId: string;
  masterId: string;
}

/** A location of the instance. `name` is empty where KIPU gives none. */
export interface KipuLocation {
  id: string;
  name: string;
  enabled: boolean;
}

const row = z
  .object({ casefile_id: casefileId, last_updated_at: date.catch(null), discharge_date: date.catch(null) })
  .transform(
    (r): KipuRow => ({
      casefileId: r.casefile_id,
      masterId: masterIdOf(r.casefile_id),
      lastUpdatedAt: r.last_updated_at,
      dischargeDate: r.discharge_date,
    }),
  );

const pagination = z.object({
  current_page: count,
  total_pages: count,
  records_per_page: count,
  total_records: count,
});

const rows = z.array(row.nullable().catch(null)).transform((all) => {
  const readable = all.filter((r) => r !== null);
  return { rows: readable, refused: all.length - readable.length };
});

/** A page of `/api/patients/census` or `/api/patients/latest`. Pagination may be absent or of any kind. */
export const pageAnswer = z.object({ pagination: pagination.catch(pagination.parse({})), patients: rows });

/** The answer of `/api/vaults/patients`. Rows with a malformed casefile id are left out: they match no record. */
export const vaultedAnswer = z
  .object({ patients: rows })
  .transform(({ patients }): KipuVaulted[] =>
    patients.rows.map(({ casefileId, masterId }) => ({ casefileId, masterId })),
  );

const location = z
  .object({ location_id: text, location_name: text, enabled })
  .refine(({ location_id }) => location_id !== null, { path: ['location_id'] })
  .transform((l): KipuLocation => ({ id: l.location_id ?? '', name: l.location_name ?? '', enabled: l.enabled }));

/** The answer of `/api/locations`. */
export const locationsAnswer = z.object({ locations: z.array(location) }).transform(({ locations }) => locations);
