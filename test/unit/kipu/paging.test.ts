import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPage, type PagePlace } from '../../../kipu/lists.ts';

const unknown = { currentPage: null, totalPages: null, totalRecords: null, recordsPerPage: null };

describe('nextPage', () => {
  it.each<[string, Partial<PagePlace>, number | null]>([
    ['first of three', { totalPages: 3, count: 10 }, 2],
    ['last, not full', { page: 3, totalPages: 3, count: 4 }, null],
    ['last, full, records agree', { page: 3, totalPages: 3, count: 10, totalRecords: 30 }, null],
    ['last, full, no records named', { page: 3, totalPages: 3, count: 10 }, 4],
    ['last, full, more records named', { page: 3, totalPages: 3, count: 10, totalRecords: 31 }, 4],
    ['last, not full, more records named', { page: 1, totalPages: 1, count: 4, totalRecords: 9 }, 2],
    ['last, and KIPU returns fewer rows a page than requested', { totalPages: 1, count: 5, recordsPerPage: 5 }, 2],
    ['records per page zero', { totalPages: 1, count: 5, recordsPerPage: 0 }, null],
    ['total null, full', { count: 10 }, 2],
    ['total null, not full', { count: 1 }, 2],
    ['total null, empty', { page: 2, count: 0 }, null],
    ['total zero, full', { totalPages: 0, count: 10 }, 2],
    ['total zero, rows', { totalPages: 0, totalRecords: 0, count: 3 }, 2],
    ['total zero, empty', { totalPages: 0, totalRecords: 0, count: 0 }, null],
    ['empty in the middle', { page: 2, totalPages: 5, count: 0 }, 3],
    ['empty, last', { page: 5, totalPages: 5, count: 0 }, null],
    ['empty, beyond the total', { page: 6, totalPages: 5, count: 0 }, null],
    ['empty, more records named', { page: 5, totalPages: 5, count: 0, totalRecords: 99 }, null],
    ['rows beyond the total', { page: 4, totalPages: 2, count: 10 }, 5],
    ['few rows beyond the total', { page: 4, totalPages: 2, count: 1 }, 5],
    ['beyond the total, the last page again', { page: 4, totalPages: 3, currentPage: 3, count: 10 }, null],
    ['beyond the total, current page zero', { page: 4, totalPages: 3, currentPage: 0, count: 10 }, 5],
    ['current page stuck, total right', { page: 2, totalPages: 5, currentPage: 1, count: 10 }, 3],
  ])('%s', (_, place, expected) => {
    expect(nextPage({ page: 1, per: 10, count: 0, ...unknown, ...place })).toBe(expected);
  });

  it('leads to every row of a list, with any total of pages', () => {
    const lists = fc.record({
      size: fc.nat(60),
      per: fc.integer({ min: 1, max: 9 }),
      totalPages: fc.constantFrom(null, 0, 1, 2, 7),
      recordsNamed: fc.boolean(),
      sizeNamed: fc.boolean(),
    });
    fc.assert(
      fc.property(lists, ({ size, per, totalPages, recordsNamed, sizeNamed }) => {
        const list = Array.from({ length: size }, (_, i) => i);
        const totalRecords = recordsNamed ? size : null;
        const recordsPerPage = sizeNamed ? per : null;
        const seen: number[] = [];
        for (let page: number | null = 1; page !== null; ) {
          const rows = list.slice((page - 1) * per, page * per);
          seen.push(...rows);
          const place = { page, per, count: rows.length, currentPage: page, totalPages, totalRecords, recordsPerPage };
          page = nextPage(place);
        }
        expect(seen).toEqual(list);
      }),
    );
  });
});
