import type { Json } from '../world/chart.ts';
import { numeric } from '../world/quirks.ts';

const DEFAULT_PER = 20;
const MAX_PER = 100;

/** Returns the page that a query asks for. Invalid values of `page` and `per` are ignored, `per` is capped. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, asText: boolean) {
  const page = requestedPage(query);
  const per = requestedPer(query);
  return {
    items: all.slice((page - 1) * per, page * per),
    pagination: paginationOf(page, Math.max(1, Math.ceil(all.length / per)), per, all.length, asText),
  };
}

/** Repeats the first row directly after it, and the last row of each page as the first of the next. */
export function withRepeats<T>(all: readonly T[], query: URLSearchParams): T[] {
  const per = requestedPer(query);
  const rows: T[] = [];
  for (const [index, item] of all.entries()) {
    rows.push(item);
    if (index === 0 || rows.length % per === 0) rows.push(item);
  }
  return rows;
}

/** Returns the requested page number. */
export function requestedPage(query: URLSearchParams): number {
  return positive(query.get('page')) ?? 1;
}

function requestedPer(query: URLSearchParams): number {
  return Math.min(positive(query.get('per')) ?? DEFAULT_PER, MAX_PER);
}

function paginationOf(
  page: number,
  pages: number,
  per: number,
  total: number,
  asText: boolean,
): { [key: string]: Json } {
  return {
    current_page: numeric(page, asText),
    total_pages: numeric(pages, asText),
    records_per_page: numeric(per, asText),
    total_records: numeric(total, asText),
  };
}

function positive(text: string | null): number | null {
  const value = Number(text);
  return text && Number.isSafeInteger(value) && value > 0 ? value : null;
}
