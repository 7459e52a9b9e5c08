import type { Json } from './chart.ts';
import { numeric } from './quirks.ts';

export const DEFAULT_PER = 20;
export const MAX_PER = 100;

/** Cuts the page that a query asks for; nonsense in `page` or `per` counts as not given, `per` is capped. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, asText: boolean) {
  const page = askedPage(query);
  const per = askedPer(query);
  return {
    items: all.slice((page - 1) * per, page * per),
    pagination: written(page, Math.max(1, Math.ceil(all.length / per)), per, all.length, asText),
  };
}

/** Repeats the first row at once, and the last row of each page as the first of the next. */
export function repeated<T>(all: readonly T[], query: URLSearchParams): T[] {
  const per = askedPer(query);
  const rows: T[] = [];
  for (const [index, item] of all.entries()) {
    rows.push(item);
    if (index === 0 || rows.length % per === 0) rows.push(item);
  }
  return rows;
}

/** Returns the page number that a query asks for. */
export function askedPage(query: URLSearchParams): number {
  return positive(query.get('page')) ?? 1;
}

function askedPer(query: URLSearchParams): number {
  return Math.min(positive(query.get('per')) ?? DEFAULT_PER, MAX_PER);
}

function written(page: number, pages: number, per: number, total: number, asText: boolean): { [key: string]: Json } {
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
