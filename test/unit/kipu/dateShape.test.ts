import { describe, expect, it } from 'vitest';
import { type DateShape, dateShape } from '../../../kipu/shape.ts';

describe('dateShape', () => {
  const shape = (form: DateShape['form'], iso: string, rest: Partial<DateShape> = {}): DateShape => {
    return { form, midnight: false, instant: Date.parse(iso), offsetMinutes: 0, ...rest };
  };
  it.each<[string, DateShape | null]>([
    ['2026-07-04', shape('day', '2026-07-04T00:00:00Z')],
    ['2026-07-04 05:00:00', shape('clock', '2026-07-04T05:00:00Z')],
    ['2026-07-04 00:00:00', shape('clock', '2026-07-04T00:00:00Z', { midnight: true })],
    ['2026-07-04T00:00', shape('clock', '2026-07-04T00:00:00Z', { midnight: true })],
    ['2026-07-04T00:00:01', shape('clock', '2026-07-04T00:00:01Z')],
    ['2026-07-04T05:00:00Z', shape('utc', '2026-07-04T05:00:00Z')],
    ['2026-07-04T05:00:00 UTC', shape('utc', '2026-07-04T05:00:00Z')],
    ['2026-07-04T05:00:00+00:00', shape('utc', '2026-07-04T05:00:00Z')],
    ['2026-07-04T05:00:00.000-00:00', shape('utc', '2026-07-04T05:00:00Z')],
    [
      ' 2026-07-04T00:00:00.000-04:00 ',
      shape('offset', '2026-07-04T04:00:00Z', { midnight: true, offsetMinutes: -240 }),
    ],
    ['2026-07-04T09:30:00+0530', shape('offset', '2026-07-04T04:00:00Z', { offsetMinutes: 330 })],
    ['2026-07-04T09:30:00+05', shape('offset', '2026-07-04T04:30:00Z', { offsetMinutes: 300 })],
    ['', null],
    ['0000-00-00', null],
    ['2026-02-30', null],
    ['July 4, 2026', null],
  ])('reads %j', (text, expected) => {
    expect(dateShape(text)).toEqual(expected);
  });
});
