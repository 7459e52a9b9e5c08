import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDate } from '../../../kipu/index.ts';

describe('parseDate', () => {
  it.each([
    ['', null],
    [' \t', null],
    ['0000-00-00', null],
    ['0000-00-00 00:00:00', null],
    ['2026-01-06', '2026-01-06'],
    [' 2026-01-06\n', '2026-01-06'],
    ['2024-02-29', '2024-02-29'],
    ['2000-02-29', '2000-02-29'],
    ['0026-01-06', '0026-01-06'],
    ['2026-01-06 09:08:07', '2026-01-06T09:08:07'],
    ['2026-01-06T09:08:07', '2026-01-06T09:08:07'],
    ['2026-01-06T09:08:07.5', '2026-01-06T09:08:07'],
    ['2026-01-06 09:08', '2026-01-06T09:08:00'],
    ['2026-01-06T09:08:07Z', '2026-01-06T09:08:07.000Z'],
    ['2026-01-06t09:08:07z', '2026-01-06T09:08:07.000Z'],
    ['2026-01-06 09:08:07 UTC', '2026-01-06T09:08:07.000Z'],
    ['2026-01-06T09:08:07.1Z', '2026-01-06T09:08:07.100Z'],
    ['2026-01-06T09:08:07.123456789Z', '2026-01-06T09:08:07.123Z'],
    ['2026-01-06T09:08:07-05:00', '2026-01-06T14:08:07.000Z'],
    ['2026-01-06 09:08:07 -0500', '2026-01-06T14:08:07.000Z'],
    ['2026-01-06T09:08:07+05', '2026-01-06T04:08:07.000Z'],
    ['2026-01-06T00:08:07.250+05:30', '2026-01-05T18:38:07.250Z'],
    ['2025-12-31T23:59:59-01:00', '2026-01-01T00:59:59.000Z'],
    ['2026-01-06T09:08:07-00:00', '2026-01-06T09:08:07.000Z'],
    ['2026-01-06T09:08:07+14:00', '2026-01-05T19:08:07.000Z'],
  ])('returns for %j %j', (text, date) => {
    expect(parseDate(text)).toEqual({ ok: true, date });
  });

  it.each([
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '0000-01-01',
    '2026-01-06 24:00:00',
    '2026-01-06 09:60:00',
    '2026-01-06 09:08:60',
    '2026-02-30T09:08:07Z',
    '2026-01-06T09:08:07+14:01',
    '2026-01-06T09:08:07+05:60',
    '9999-12-31T23:00:00-05:00',
    '0001-01-01T00:00:00+05:00',
    '01/06/2026',
    '2026-1-6',
    '20260106',
    '26-01-06',
    '2026-01-06Z',
    '2026-01-06T',
    '2026-01-06 09',
    '2026-01-06 9:08:07 AM',
    '2026-01-06 09:08:07 EST',
    '٢٠٢٦-٠١-٠٦',
    'yesterday',
    '1767690487',
    'null',
  ])('rejects %j', (text) => {
    expect(parseDate(text)).toEqual({ ok: false });
  });

  const instant = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });

  it('returns the same instant for every offset', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, minutes) => {
        const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const part = (n: number) => String(Math.floor(n)).padStart(2, '0');
        const size = Math.abs(minutes);
        const offset = `${minutes < 0 ? '-' : '+'}${part(size / 60)}:${part(size % 60)}`;
        expect(parseDate(local + offset)).toEqual({ ok: true, date: at.toISOString() });
      }),
    );
  });

  it('accepts exactly the days of the calendar', () => {
    const upTo = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), upTo(13), upTo(32), (year, month, day) => {
        const text = [String(year).padStart(4, '0'), ...[month, day].map((n) => String(n).padStart(2, '0'))].join('-');
        const date = new Date(0);
        date.setUTCFullYear(year, month - 1, day);
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(parseDate(text)).toEqual(exists ? { ok: true, date: text } : { ok: false });
      }),
    );
  });

  it('never throws, and is idempotent', () => {
    const dateLike = fc.stringMatching(/^[\d\s:TZ.+-]{0,30}$/);
    const written = instant.map((at) => at.toISOString());
    fc.assert(
      fc.property(fc.oneof(fc.string(), dateLike, written), (text) => {
        const parsed = parseDate(text);
        if (parsed.ok && parsed.date !== null) expect(parseDate(parsed.date)).toEqual(parsed);
      }),
    );
  });
});
