import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookHealth } from '../../../domain/lock.ts';
import {
  announcedShare,
  type ChangeToJudge,
  type Cycle,
  healthAdvice,
  healthOf,
  judge,
  type Verdict,
  webhooks,
  withCycle,
  worthTelling,
} from '../../../domain/webhookHealth.ts';
import { instants, localDay, zoneOffsets } from '../../support/chartFixtures.ts';

const hour = (hours: number) => new Date(Date.UTC(2026, 2, 2, hours));
const cycle = (hours: number, announced: number, missed: number): Cycle => ({
  run: `run-${hours}`,
  at: hour(hours),
  announced,
  missed,
});
const cycles = fc
  .array(fc.record({ announced: fc.nat(5), missed: fc.nat(5) }), { maxLength: 40 })
  .map((all) => all.map(({ announced, missed }, n) => cycle(n + 1, announced, missed)));

describe('judge', () => {
  const unannounced: ChangeToJudge = {
    webhook: 'chart-update',
    announced: false,
    receiverWasUp: true,
    since: hour(10),
    firstDeliveryAt: hour(1),
    chartCreatedAt: null,
  };
  const created = { webhook: 'patient-creation' } as const;

  it.each<[string, Partial<ChangeToJudge>, Verdict]>([
    ['no delivery came', {}, 'missed'],
    ['no delivery ever came', { firstDeliveryAt: null }, 'missed'],
    ['a delivery told of it', { announced: true }, 'announced'],
    [
      'a delivery told of it, though the receiver was down for a while',
      { announced: true, receiverWasUp: false },
      'announced',
    ],
    ['the receiver was down', { receiverWasUp: false }, 'excused'],
    [
      'it may have been made before the webhook was entered',
      { firstDeliveryAt: new Date(hour(10).getTime() + 1) },
      'excused',
    ],
    ['it was made right after the first delivery', { firstDeliveryAt: hour(10) }, 'missed'],
    ['a chart that is new', { ...created, chartCreatedAt: '2026-03-02T10:30:00.000Z' }, 'missed'],
    ['a chart that nobody could read', created, 'missed'],
    ['a chart never seen, made years ago', { ...created, chartCreatedAt: '2024-05-05' }, 'excused'],
    ['a chart never seen, made days ago', { ...created, chartCreatedAt: '2026-02-28T09:59:59' }, 'excused'],
    ['a chart that may be new in some zone', { ...created, chartCreatedAt: '2026-03-01' }, 'missed'],
    ['an old chart that changed', { chartCreatedAt: '2024-05-05' }, 'missed'],
  ])('%s', (_what, change, verdict) => {
    expect(judge({ ...unannounced, ...change })).toBe(verdict);
  });

  it('never excuses a chart made after the instance was listed before, whatever the zone of its date', () => {
    fc.assert(
      fc.property(instants, fc.nat(3_600_000), zoneOffsets, (since, later, offset) => {
        const chartCreatedAt = localDay(new Date(since.getTime() + later), offset);
        expect(judge({ ...unannounced, ...created, since, firstDeliveryAt: null, chartCreatedAt })).toBe('missed');
      }),
    );
  });
});

describe('healthOf', () => {
  it.each<[string, Date | null, Cycle[], WebhookHealth]>([
    ['a quiet instance, never heard of', null, [], 'missing'],
    ['never heard of, and changes missed', null, [cycle(2, 0, 3)], 'missing'],
    ['heard of once', hour(1), [], 'healthy'],
    ['heard of, every change announced', hour(1), [cycle(2, 4, 0)], 'healthy'],
    ['one of many changes missed', hour(1), [cycle(2, 400, 1)], 'failing'],
    ['missed in the cycle before the last', hour(1), [cycle(2, 0, 1), cycle(3, 1, 0)], 'failing'],
    ['two cycles without a miss', hour(1), [cycle(2, 0, 1), cycle(3, 1, 0), cycle(4, 1, 0)], 'healthy'],
    ['missed only before the first delivery', hour(4), [cycle(2, 0, 1), cycle(3, 0, 1)], 'healthy'],
    ['missed before the first delivery and after', hour(3), [cycle(2, 0, 1), cycle(4, 0, 1)], 'failing'],
  ])('%s', (_what, firstDeliveryAt, known, health) => {
    expect(healthOf({ firstDeliveryAt, cycles: known })).toBe(health);
  });

  it('is mended by two cycles in which nothing was missed, whatever was before', () => {
    fc.assert(
      fc.property(cycles, (before) => {
        const mended = [...before, cycle(50, 1, 0), cycle(51, 1, 0)];
        expect(healthOf({ firstDeliveryAt: hour(0), cycles: mended })).toBe('healthy');
      }),
    );
  });

  it('is failing after any cycle in which something was missed', () => {
    fc.assert(
      fc.property(cycles, fc.nat(500), (before, announced) => {
        const broken = [...before, cycle(50, announced, 1)];
        expect(healthOf({ firstDeliveryAt: hour(0), cycles: broken })).toBe('failing');
      }),
    );
  });
});

describe('withCycle', () => {
  it.each<[string, Cycle, number]>([
    ['a cycle is added', cycle(3, 0, 1), 3],
    ['the same run again is not', cycle(2, 7, 0), 2],
    ['a run in which nothing could be judged is not', cycle(3, 0, 0), 2],
  ])('%s', (_what, next, length) => {
    const before = [cycle(1, 1, 0), cycle(2, 0, 1)];
    expect(withCycle(before, next)).toEqual([...before, next].slice(0, length));
  });

  it('keeps a day of cycles, the newest last, and changes nothing when repeated', () => {
    fc.assert(
      fc.property(cycles, (all) => {
        const told = all.filter(({ announced, missed }) => announced + missed > 0);
        const kept = all.reduce<Cycle[]>(withCycle, []);
        expect(kept).toEqual(told.slice(-24));
        const last = kept.at(-1);
        if (last !== undefined) expect(withCycle(kept, last)).toEqual(kept);
      }),
    );
  });
});

describe('announcedShare', () => {
  it.each<[Cycle[], number | null]>([
    [[], null],
    [[cycle(1, 3, 0)], 1],
    [[cycle(1, 0, 2)], 0],
    [[cycle(1, 3, 0), cycle(2, 0, 1)], 0.75],
  ])('of %j is %j', (known, share) => {
    expect(announcedShare(known)).toBe(share);
  });
});

describe('worthTelling', () => {
  const clean = [cycle(1, 3, 0)];
  const missed = [cycle(1, 0, 3)];

  it.each<[string, WebhookHealth | null, WebhookHealth, Cycle[], boolean]>([
    ['a quiet instance whose webhook never came', null, 'missing', [], false],
    ['a webhook that never came, and changes', null, 'missing', missed, true],
    ['the same again', 'missing', 'missing', missed, false],
    ['a webhook that works from the beginning', null, 'healthy', clean, false],
    ['one that goes on working', 'healthy', 'healthy', clean, false],
    ['one that breaks and was never told of', null, 'failing', missed, true],
    ['one that breaks', 'healthy', 'failing', missed, true],
    ['one that stays broken', 'failing', 'failing', missed, false],
    ['one that came and broke at once', 'missing', 'failing', missed, true],
    ['one that is mended', 'failing', 'healthy', clean, true],
    ['one that was entered at last', 'missing', 'healthy', clean, true],
  ])('%s', (_what, told, next, known, worth) => {
    expect(worthTelling(told, next, known)).toBe(worth);
  });

  it('says nothing twice in a row, and nothing good before something bad', () => {
    const states = fc.constantFrom<WebhookHealth>('missing', 'failing', 'healthy');
    fc.assert(
      fc.property(fc.array(fc.tuple(states, cycles), { maxLength: 60 }), (runs) => {
        const said: WebhookHealth[] = [];
        for (const [health, known] of runs) if (worthTelling(said.at(-1) ?? null, health, known)) said.push(health);
        expect(said.filter((health, at) => health === said[at - 1])).toEqual([]);
        expect(said[0]).not.toBe('healthy');
      }),
    );
  });
});

describe('healthAdvice', () => {
  it.each(webhooks)('says of %s which webhook it is, and what to do in KIPU while it does not work', (webhook) => {
    const name = webhook === 'chart-update' ? 'Chart Update' : 'Patient Creation';
    for (const health of ['missing', 'failing'] as const) {
      expect(healthAdvice[health][webhook]).toContain(name);
      expect(healthAdvice[health][webhook]).toMatch(/(enter|switched on).* in KIPU/);
    }
    expect(healthAdvice.healthy[webhook]).toContain('works');
  });
});
