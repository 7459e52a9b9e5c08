import { describe, expect, it } from 'vitest';
import { parseHttpDate, parseRetryAfter } from '../../../kipu/response.ts';

const now = Date.parse('2026-01-06T09:08:07Z');
const cap = 15 * 60_000;

describe('parseRetryAfter', () => {
  it.each([
    ['absent', undefined, null],
    ['empty', '', null],
    ['seconds', '120', 120_000],
    ['seconds with blanks', ' 7 ', 7_000],
    ['zero', '0', null],
    ['zero in two digits', '00', null],
    ['one second', '1', 1_000],
    ['a day', '86400', cap],
    ['beyond every number', '9'.repeat(400), cap],
    ['negative', '-5', null],
    ['a fraction', '1.5', null],
    ['an exponent', '1e3', null],
    ['hexadecimal', '0x10', null],
    ['words', 'soon', null],
    ['a date in 90 seconds', 'Tue, 06 Jan 2026 09:09:37 GMT', 90_000],
    ['a date tomorrow', 'Wed, 07 Jan 2026 09:08:07 GMT', cap],
    ['a date gone by', 'Tue, 06 Jan 2026 09:00:00 GMT', null],
    ['this very second', 'Tue, 06 Jan 2026 09:08:07 GMT', null],
    ['a date in one second', 'Tue, 06 Jan 2026 09:08:08 GMT', 1_000],
    ['a date in another zone', 'Tue, 06 Jan 2026 09:09:37 EST', null],
    ['a date in another form', '2026-01-06T09:09:37Z', null],
    ['a month that does not exist', 'Tue, 06 Foo 2026 09:09:37 GMT', null],
  ])('%s', (_, header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});

it('parseRetryAfter ignores a date less than a second away', () => {
  expect(parseRetryAfter('Tue, 06 Jan 2026 09:08:08 GMT', now + 1)).toBeNull();
});

it('parseHttpDate reads what toUTCString writes', () => {
  expect(parseHttpDate(new Date(now).toUTCString())).toBe(now);
  expect(parseHttpDate(undefined)).toBeNull();
});
