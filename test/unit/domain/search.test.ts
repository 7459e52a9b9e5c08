import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchKeys, searchStarts } from '../../../domain/search.ts';

const person = { firstName: 'Odette', middleName: 'M.', lastName: 'O’Brien-Núñez', mrNumber: 'MR-20 001' };

/** Returns whether a search for `typed` finds the record. */
function finds(typed: string, keys = searchKeys(person)): boolean {
  const { name, number } = searchStarts(typed);
  const begins = (key: string | null | undefined, start: string | null) => start !== null && !!key?.startsWith(start);
  return begins(keys?.lastFirst, name) || begins(keys?.firstLast, name) || begins(keys?.number, number);
}

describe('A record', () => {
  it('is found by its folded names in both orders, and by its number', () => {
    expect(searchKeys(person)).toEqual({
      ...{ lastFirst: 'o brien nunez odette m', firstLast: 'odette m o brien nunez', number: 'mr20001' },
    });
  });

  it('without a chart, or with an empty one, is never found', () => {
    expect(searchKeys(null)).toBeNull();
    const nothing = { firstName: null, middleName: null, lastName: ' ', mrNumber: '-' };
    expect(searchKeys(nothing)).toEqual({ lastFirst: null, firstLast: null, number: null });
  });

  it.each([
    ['o’brien', true],
    ["O'BRIEN-NUNEZ, odette", true],
    ['  Odette   m', true],
    ['ODE', true],
    ['o\u200bbrien', false],
    ['obrien', false],
    ['mr 20001', true],
    ['MR20001', true],
    ['20001', false],
    ['brien', false],
    ['', false],
    [' - ', false],
  ])('%j: %s', (typed, found) => {
    expect(finds(typed)).toBe(found);
  });

  it('is found by every prefix of its names and its number, in any case', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.nat({ max: 12 }), (firstName, lastName, length) => {
        const keys = searchKeys({ firstName, middleName: null, lastName, mrNumber: null });
        for (const typed of [`${lastName} ${firstName}`, `${firstName}, ${lastName}`]) {
          if (searchStarts(typed).name !== null) expect(finds(typed, keys)).toBe(true);
        }
        const { lastFirst } = keys ?? { lastFirst: null };
        if (lastFirst !== null) expect(finds([...lastFirst].slice(0, length + 1).join(''), keys)).toBe(true);
      }),
    );
  });
});
