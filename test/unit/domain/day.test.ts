import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countDischarges,
  countPlaces,
  type Discharge,
  dayIn,
  dischargeClass,
  dischargeClasses,
  dischargedStatuses,
  dischargeOf,
  isOpenClass,
} from '../../../domain/day.ts';

const at = new Date('2026-11-25T04:45:52Z');
const facts = {
  ...{
    record: 'r-1',
    instance: 'north',
    location: 'Detox',
    status: 'synced' as const,
    at,
    zone: 'America/Los_Angeles',
  },
  ...{ dischargeDate: '2026-11-25T04:45:52.000Z', destination: ' Copper  Vale ' },
  ...{ referredAt: at, wasLocked: false },
};

describe('A discharge', () => {
  it('is on the day of its location, not of UTC', () => {
    expect(dayIn(at, 'America/Los_Angeles')).toBe('2026-11-24');
    expect(dischargeOf(facts, [])).toMatchObject({ day: '2026-11-24', timed: true, destination: 'Copper Vale' });
    expect(dischargeOf({ ...facts, zone: 'UTC' }, []).day).toBe('2026-11-25');
  });

  it.each([
    ['an instant', '2026-11-25T04:45:52.000Z', true],
    ['a clock time', '2026-11-24T20:45:52', true],
    ['a day', '2026-11-24', false],
    ['the midnight of a day, as KIPU stores one', '2026-11-24T00:00:00', false],
    ['midnight as an instant', '2026-11-24T08:00:00.000Z', false],
    ['nothing', null, false],
  ])('has a time of day or not: %s', (_what, dischargeDate, timed) => {
    expect(dischargeOf({ ...facts, dischargeDate }, []).timed).toBe(timed);
  });

  it.each([
    ['held', { status: 'held', referredAt: null }, 'locked'],
    ['held, with a referral of before', { status: 'held' }, 'locked'],
    ['not ready', { status: 'notReady', referredAt: null }, 'missing'],
    ['failed, with a referral of before', { status: 'failed' }, 'unreadable'],
    ['never read', { status: 'new', referredAt: null }, 'notRead'],
    ['just unlocked', { status: 'unlocked', referredAt: null }, 'notRead'],
    ['linked, with an open referral', {}, 'referred'],
    [
      'linked, with an open referral to an own location, which is not withdrawn yet',
      { destination: 'Manor' },
      'referred',
    ],
    ['linked, without a destination', { referredAt: null, destination: ' ' }, 'noDestination'],
    ['linked, whose destination was cleared', { referredAt: null, destination: null }, 'noDestination'],
    ['linked, going to an own location', { referredAt: null, destination: 'the manor' }, 'transferred'],
    ['linked, whose referral is not written, or not opened again yet', { referredAt: null }, 'notRead'],
  ] as const)('%s has its class', (_what, change, expected) => {
    expect(dischargeClass(dischargeOf({ ...facts, ...change }, ['The Manor']))).toBe(expected);
  });
});

describe('The numbers of a day', () => {
  const discharges = fc.array(
    fc
      .record({
        status: fc.constantFrom(...dischargedStatuses),
        instance: fc.constantFrom('north', 'south'),
        location: fc.constantFrom('Detox', 'Manor', null),
        destination: fc.constantFrom(null, '', '  ', 'Copper Vale', 'The Manor'),
        referredAt: fc.constantFrom(null, at),
        wasLocked: fc.boolean(),
      })
      .map((change): Discharge => dischargeOf({ ...facts, ...change }, ['The Manor'])),
  );

  it('always add up: every discharge is in exactly one class, and in exactly one location', () => {
    fc.assert(
      fc.property(discharges, (all) => {
        const total = countDischarges(all);
        const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
        expect(total.discharged).toBe(all.length);
        expect(sum(total.classes)).toBe(all.length);
        expect(total.open).toBe(dischargeClasses.filter(isOpenClass).reduce((n, one) => n + total.classes[one], 0));
        const places = countPlaces(all);
        for (const place of places) expect(sum(place.classes)).toBe(place.discharged);
        expect(places.reduce((n, { discharged }) => n + discharged, 0)).toBe(all.length);
        for (const one of dischargeClasses)
          expect(places.reduce((n, { classes }) => n + classes[one], 0)).toBe(total.classes[one]);
        const keys = places.map(({ instance, location }) => `${instance}/${location}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('count every discharge with a destination, also of those that are locked', () => {
    const of = [facts, { ...facts, status: 'held' as const }, { ...facts, destination: null }];
    expect(countDischarges(of.map((one) => dischargeOf(one, []))).withDestination).toBe(2);
  });
});

describe('Open classes', () => {
  it.each([
    ['referred', false],
    ['transferred', false],
    ['noDestination', false],
    ['locked', true],
    ['missing', true],
    ['unreadable', true],
    ['notRead', true],
  ] as const)('%s: %j', (one, open) => {
    expect(isOpenClass(one)).toBe(open);
  });

  it('are counted together', () => {
    const of = (['held', 'notReady', 'failed', 'new', 'synced'] as const).map((status) =>
      dischargeOf({ ...facts, status }, []),
    );
    expect(countDischarges(of)).toMatchObject({
      discharged: 5,
      open: 4,
      classes: { referred: 1, locked: 1, notRead: 1 },
    });
  });
});

describe('The locations of a day', () => {
  it('are those of the discharges, sorted by instance, then by name, those without a name first', () => {
    const places: [string, string | null][] = [
      ...([
        ['south', 'Ash'],
        ['north', 'Manor'],
        ['north', null],
        ['north', 'Detox'],
        ['north', 'Manor'],
      ] as const),
    ].map(([instance, location]) => [instance, location]);
    const counted = countPlaces(
      places.map(([instance, location]) => dischargeOf({ ...facts, instance, location }, [])),
    );
    expect(counted.map(({ instance, location, discharged }) => [instance, location, discharged])).toEqual([
      ['north', null, 1],
      ['north', 'Detox', 1],
      ['north', 'Manor', 2],
      ['south', 'Ash', 1],
    ]);
    expect(countPlaces([])).toEqual([]);
  });
});
