import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanDestination, isInternalTransfer } from '../../../domain/referral.ts';
import { pastedText } from '../../support/chartFixtures.ts';

describe('cleanDestination', () => {
  it.each([
    ['null', null, ''],
    ['an empty text', '', ''],
    ['blanks and tabs', ' \t\u00a0\u2003 ', ''],
    ['only invisible characters', '\u200b\u200e', ''],
    ['stray blanks', '  Harbor \t House\u00a0\r\n', 'Harbor House'],
    ['curly quotes', '\u201cSt. Mary\u2019s\u201d', '"St. Mary\'s"'],
    ['low and reversed quotes', '\u201eHaus\u201f \u201aB\u201b', '"Haus" \'B\''],
    ['primes', 'Lot 5\u2032 6\u2033', 'Lot 5\' 6"'],
  ])('cleans %s', (_what, text, clean) => {
    expect(cleanDestination(text)).toBe(clean);
  });

  it.each([
    '<script>alert("x")</script>',
    '$where',
    '{"$gt":""}',
    '__proto__',
    'constructor',
    '../../etc/hosts',
    "Robert'); DROP TABLE",
    'بيت الأمل',
    'home',
  ])('keeps %j unchanged', (text) => {
    expect(cleanDestination(text)).toBe(text);
  });

  it('is idempotent, and leaves no blanks at the ends, no doubled blanks and no curly quotes', () => {
    fc.assert(
      fc.property(pastedText, (text) => {
        const clean = cleanDestination(text);
        expect(cleanDestination(clean)).toBe(clean);
        expect(clean).not.toMatch(/^\s|\s$|\s\s|[\u2018-\u201f]/u);
      }),
    );
  });

  it('does not depend on the kind or number of blanks', () => {
    const words = fc.array(fc.stringMatching(/^[A-Za-z'.&-]{1,8}$/), { minLength: 1, maxLength: 6 });
    const blanks = fc.constantFrom(' ', '  ', '\t', '\u00a0', '\u2003\u200b', ' \u200e', '\r\n');
    fc.assert(
      fc.property(words, blanks, (some, blank) => {
        expect(cleanDestination(blank + some.join(blank) + blank)).toBe(some.join(' '));
      }),
    );
  });

  it('keeps a text of 10 kB complete', () => {
    const long = 'Harbor House '.repeat(800).trim();
    expect(cleanDestination(long)).toBe(long);
  });
});

describe('isInternalTransfer', () => {
  const own = ['Cedar Ridge', 'St. Mary\u2019s  Annex', '', ' ', 'Café Recovery', '__proto__'];

  it.each([
    ['the same name', 'Cedar Ridge', true],
    ['other capitals', 'CEDAR ridge', true],
    ['other blanks', '\u00a0Cedar\u2003Ridge\t', true],
    ['other quotes', "st. mary's annex", true],
    ['an invisible mark', 'Cedar Ridge\u200e', true],
    ['an accent of its own', 'Cafe\u0301 Recovery', true],
    ['a name that looks like a built-in one, listed', '__proto__', true],
    ['a name that looks like a built-in one, not listed', 'constructor', false],
    ['a longer name', 'Cedar Ridge North', false],
    ['a part of a name', 'Cedar', false],
    ['another place', 'Harbor House', false],
    ['nothing, though a location has no name', '', false],
    ['only blanks', ' \u200b', false],
  ])('%s', (_what, destination, internal) => {
    expect(isInternalTransfer(destination, own)).toBe(internal);
  });

  it('is false if the instance has no locations, and true if the destination is one of them', () => {
    fc.assert(
      fc.property(pastedText, (text) => {
        expect(isInternalTransfer(text, [])).toBe(false);
        expect(isInternalTransfer(text, ['Cedar Ridge', text])).toBe(
          cleanDestination(text) !== '' || isInternalTransfer(text, ['Cedar Ridge']),
        );
      }),
    );
  });
});
