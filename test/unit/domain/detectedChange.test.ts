import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  announcedFrom,
  type ChangeResult,
  judgeChange,
  type KnownPlace,
  type Place,
  placeName,
  placeOfChange,
  provingDeliveries,
  type UnjudgedChange,
} from '../../../domain/detectedChange.ts';
import { instants, localDay, zoneOffsets } from '../../support/chartFixtures.ts';

const hour = (hours: number, minutes = 0, seconds = 0) =>
  new Date(Date.UTC(2026, 2, 2, hours, minutes) + seconds * 1_000);
const at = (locationId: string | null, locationName: string | null = null): Place => ({ locationId, locationName });

describe('judgeChange', () => {
  const unannounced: UnjudgedChange = {
    ...{ webhook: 'chart-update', atOneLocation: true, announced: false, receiverWasUp: true },
    ...{ since: hour(10), firstDeliveryAt: hour(1), chartCreatedAt: null },
  };
  const created = { webhook: 'patient-creation' } as const;

  it.each<[string, Partial<UnjudgedChange>, ChangeResult]>([
    ['no delivery came', {}, 'missed'],
    ['no delivery ever came', { firstDeliveryAt: null }, 'missed'],
    ['a delivery named it', { announced: true }, 'announced'],
    ['a delivery named it, though the receiver was down', { announced: true, receiverWasUp: false }, 'announced'],
    ['the receiver was down', { receiverWasUp: false }, 'receiver-away'],
    ['made before the webhook was entered, maybe', { firstDeliveryAt: hour(10, 1) }, 'excused'],
    ['made right after the first delivery', { firstDeliveryAt: hour(10) }, 'missed'],
    ['the chart moved', { atOneLocation: false }, 'excused'],
    ['the chart moved, and one of two webhooks named it', { atOneLocation: false, announced: true }, 'excused'],
    ['a chart that is new', { ...created, chartCreatedAt: '2026-03-02T10:30:00.000Z' }, 'missed'],
    ['a chart that cannot be read', created, 'missed'],
    ['a chart never seen, made years ago', { ...created, chartCreatedAt: '2024-05-05' }, 'excused'],
    ['a chart never seen, made days ago', { ...created, chartCreatedAt: '2026-02-28T09:59:59' }, 'excused'],
    ['a chart that may be new in some zone', { ...created, chartCreatedAt: '2026-03-01' }, 'missed'],
    ['an old chart that changed', { chartCreatedAt: '2024-05-05' }, 'missed'],
  ])('%s', (_what, change, result) => {
    expect(judgeChange({ ...unannounced, ...change })).toBe(result);
  });

  it('never ignores a chart created after the previous listing, in any time zone', () => {
    fc.assert(
      fc.property(instants, fc.nat(3_600_000), zoneOffsets, (since, later, offset) => {
        const chartCreatedAt = localDay(new Date(since.getTime() + later), offset);
        expect(judgeChange({ ...unannounced, ...created, since, firstDeliveryAt: null, chartCreatedAt })).toBe(
          'missed',
        );
      }),
    );
  });
});

describe('announcedFrom', () => {
  it.each<[string, string, Date]>([
    ['made before the last run began: its list lagged behind', '2026-03-02T09:50:00.000Z', hour(9, 45, 0.999)],
    ['made as the last run began, by a clock that is ahead', '2026-03-02T10:01:00.000Z', hour(9, 55)],
    ['made a little later', '2026-03-02T10:03:00.000Z', hour(10)],
    ['made much later: an earlier delivery belongs to an earlier change', '2026-03-02T10:20:00.000Z', hour(10, 13)],
    ['a version without a zone', '2026-03-02T10:20:00', hour(9, 55)],
    ['a version that names only a day', '2026-03-02', hour(9, 55)],
  ])('%s', (_what, version, from) => {
    expect(announcedFrom(hour(10), version, 300_000)).toEqual(from);
  });

  it('includes everything after both the last run and the change', () => {
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: -3_600_000, max: 3_600_000 }),
        fc.nat(600_000),
        (since, later, graceMs) => {
          const made = new Date(since.getTime() + later);
          const from = announcedFrom(since, made.toISOString(), graceMs);
          expect(from.getTime()).toBeLessThanOrEqual(Math.max(since.getTime(), made.getTime() + 999));
        },
      ),
    );
  });
});

describe('placeOfChange', () => {
  const [a, b] = [at('1', 'Detox'), at('2', 'Residential')];
  const known = (chart: Place | null, movedAt: Date | null = null): KnownPlace => ({ chart, movedAt });

  it.each<[string, Place, KnownPlace, Place | null]>([
    ['row and chart agree', a, known(a), a],
    ['the location was renamed: its id counts', at('1', 'Detox North'), known(a), at('1', 'Detox North')],
    ['a chart that is not kept', a, known(null), a],
    ['a row without a location', at(null), known(b), b],
    ['neither: the chart was never read', at(null), known(null), null],
    ['an instance without locations', at(null), known(at(null)), at(null)],
    ['listed elsewhere than it was read: it moved', b, known(a), null],
    ['found elsewhere by a pull in the same span', b, known(b, hour(10, 20)), null],
    ['moved long ago', b, known(b, hour(9, 59)), b],
  ])('%s', (_what, listed, record, place) => {
    expect(placeOfChange(listed, record, hour(10))).toEqual(place);
  });
});

describe('provingDeliveries', () => {
  const came = [{ lastReceivedAt: hour(9) }, { lastReceivedAt: hour(12) }];

  it.each<[string, KnownPlace, number]>([
    ['a chart that stayed', { chart: at('1'), movedAt: null }, 2],
    ['a chart that is read for the first time', { chart: null, movedAt: null }, 2],
    ['a chart that moved with this change', { chart: at('2'), movedAt: null }, 0],
    ['a chart that had no location', { chart: at(null), movedAt: null }, 0],
    ['a chart that moved before: a late delivery is about the move', { chart: at('1'), movedAt: hour(8, 30) }, 1],
    ['a chart that moved long before', { chart: at('1'), movedAt: hour(1) }, 2],
  ])('of %s', (_what, before, proving) => {
    expect(provingDeliveries(came, before, at('1'))).toEqual(came.slice(2 - proving));
  });
});

describe('placeName', () => {
  it.each([
    [at('1', 'Detox'), 'Detox'],
    [at('1'), 'location 1'],
    [at(null), null],
  ])('of %j is %j', (place, name) => expect(placeName(place)).toBe(name));
});

describe('The limits of time', () => {
  const since = new Date('2026-03-02T10:00:00.000Z');
  const plus = (ms: number) => new Date(since.getTime() + ms);
  const place = { locationId: '3', locationName: 'Detox' };

  it('a chart created two days before is old only after that moment', () => {
    const facts = { webhook: 'patient-creation', atOneLocation: true, announced: false, receiverWasUp: true } as const;
    const judged = (createdAt: string) =>
      judgeChange({ ...facts, since, firstDeliveryAt: plus(-1e9), chartCreatedAt: createdAt });
    expect(judged('2026-02-28T10:00:00.000Z')).toBe('missed');
    expect(judged('2026-02-28T09:59:59.999Z')).toBe('excused');
  });

  it('a change made two minutes after the run began is announced from the beginning of the run', () => {
    expect(announcedFrom(since, plus(120_000).toISOString(), 60_000)).toEqual(plus(-60_000));
    expect(announcedFrom(since, plus(120_001).toISOString(), 60_000)).toEqual(since);
    expect(announcedFrom(since, plus(300_000).toISOString(), 60_000)).toEqual(plus(120_000));
  });

  it('a chart that moved at the moment itself has no known place', () => {
    expect(placeOfChange(place, { chart: place, movedAt: since }, since)).toBeNull();
    expect(placeOfChange(place, { chart: place, movedAt: plus(-1) }, since)).toEqual(place);
    expect(placeOfChange(place, { chart: place, movedAt: null }, since)).toEqual(place);
  });

  it('a delivery an hour after a move does not prove the new place, a later one does', () => {
    const deliveries = [{ lastReceivedAt: plus(3_600_000) }, { lastReceivedAt: plus(3_600_001) }];
    const before = { chart: place, movedAt: since };
    expect(provingDeliveries(deliveries, before, place)).toEqual(deliveries.slice(1));
    expect(provingDeliveries(deliveries, { ...before, movedAt: null }, place)).toEqual(deliveries);
  });
});
