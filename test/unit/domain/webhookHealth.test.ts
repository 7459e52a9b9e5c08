import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeResult } from '../../../domain/detectedChange.ts';
import { type WebhookHealth, webhookHealths } from '../../../domain/lock.ts';
import {
  announcedShare,
  type Cycle,
  cycleOf,
  healthAdvice,
  healthOf,
  isAway,
  isReceiverMissed,
  isUnheard,
  namesText,
  placesText,
  shouldNotify,
  webhooks,
  withCycle,
  worstFirst,
  worstHealth,
  worstOf,
} from '../../../domain/webhookHealth.ts';

const hour = (hours: number) => new Date(Date.UTC(2026, 2, 2, hours));
const cycle = (hours: number, announced: number, missed: number, unheard = 0): Cycle => ({
  run: `run-${hours}`,
  at: hour(hours),
  announced,
  missed,
  unheard,
});
/** Returns cycles in which no change could be judged. */
const unheard = (...hours: number[]) => hours.map((one) => cycle(one, 0, 0, 1));
const cycles = fc
  .array(fc.record({ announced: fc.nat(5), missed: fc.nat(5) }), { maxLength: 40 })
  .map((all) => all.map(({ announced, missed }, n) => cycle(n + 1, announced, missed)));

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
    ['three runs that could judge nothing', hour(1), [cycle(2, 1, 0), ...unheard(3, 4, 5)], 'healthy'],
    ['four runs that could judge nothing', hour(1), [cycle(2, 1, 0), ...unheard(3, 4, 5, 6)], 'unknown'],
    ['four such runs after a miss', hour(1), [cycle(2, 0, 1), ...unheard(3, 4, 5, 6)], 'failing'],
    ['four such runs, never heard of', null, unheard(3, 4, 5, 6), 'missing'],
    ['four such runs, and one that could', hour(1), [...unheard(3, 4, 5, 6), cycle(7, 1, 0)], 'healthy'],
  ])('%s', (_what, firstDeliveryAt, known, health) => {
    expect(healthOf({ firstDeliveryAt, cycles: known }, false)).toBe(health);
  });

  it.each<[Date | null, Cycle[], WebhookHealth]>([
    [hour(1), [cycle(2, 1, 0)], 'unknown'],
    [hour(1), [cycle(2, 0, 1)], 'failing'],
    [null, [], 'missing'],
  ])('considers that the receiver is away: first delivery %j, cycles %j: %s', (firstDeliveryAt, known, health) => {
    expect(healthOf({ firstDeliveryAt, cycles: known }, true)).toBe(health);
  });

  it('is healthy after two cycles without a missed change, whatever was before', () => {
    fc.assert(
      fc.property(cycles, (before) => {
        const recovered = [...before, cycle(50, 1, 0), cycle(51, 1, 0)];
        expect(healthOf({ firstDeliveryAt: hour(0), cycles: recovered }, false)).toBe('healthy');
      }),
    );
  });

  it('is failing after any cycle with a missed change', () => {
    fc.assert(
      fc.property(cycles, fc.nat(500), (before, announced) => {
        const broken = [...before, cycle(50, announced, 1)];
        expect(healthOf({ firstDeliveryAt: hour(0), cycles: broken }, false)).toBe('failing');
      }),
    );
  });
});

describe('isAway', () => {
  it.each<[string, Date | null, boolean]>([
    ['a receiver that was never up', null, true],
    ['one that is up', hour(12), false],
    ['one that was up two hours ago', hour(10), false],
    ['one that was up longer ago', new Date(hour(10).getTime() - 1), true],
  ])('%s', (_what, lastUp, away) => {
    expect(isAway(lastUp, hour(12))).toBe(away);
  });
});

describe('The worst of several locations', () => {
  const one = (health: WebhookHealth, locationName: string | null = null, locationId = locationName) => ({
    ...{ health, locationName, locationId },
  });

  it('is the health of the instance', () => {
    const some = fc.array(fc.constantFrom(...webhookHealths), { minLength: 1 });
    fc.assert(
      fc.property(some, (healths) => {
        const rank = (health: WebhookHealth) => webhookHealths.indexOf(health);
        expect(rank(worstHealth(healths))).toBe(Math.min(...healths.map(rank)));
      }),
    );
    expect(worstHealth([])).toBe('missing');
  });

  it('is named in the text', () => {
    const detox = one('failing', 'Detox');
    expect(worstOf([one('healthy', 'Annex'), detox, one('unknown', 'Manor')])).toEqual({
      ...{ health: 'failing', at: ['Detox'] },
    });
    expect(worstOf([one('failing', null, '7'), one('failing'), detox])).toEqual({
      ...{ health: 'failing', at: ['Detox', 'location 7'] },
    });
    expect(worstOf([])).toEqual({ health: 'missing', at: [] });
  });

  it('is sorted first, and others by name', () => {
    const all = [one('healthy', 'A'), one('unknown', 'B'), one('missing', 'D'), one('missing', 'C')];
    expect(worstFirst(all).map(({ locationName }) => locationName)).toEqual(['C', 'D', 'B', 'A']);
  });
});

describe('places', () => {
  it.each<[(string | null)[], string, string]>([
    [[], '', 'north'],
    [[null], '', 'north'],
    [['Detox'], 'Detox', 'north, Detox'],
    [['Detox', 'Manor', 'Detox'], 'Detox and Manor', 'north, Detox and Manor'],
    [['A', 'B', 'C'], 'A, B and C', 'north, A, B and C'],
    [['A', 'B', 'C', 'D'], 'A, B, C and 1 more location', 'north, A, B, C and 1 more location'],
    [['A', 'B', 'C', 'D', 'E'], 'A, B, C and 2 more locations', 'north, A, B, C and 2 more locations'],
  ])('%j', (names, text, withInstance) => {
    expect([namesText(names), placesText('north', names)]).toEqual([text, withInstance]);
  });
});

describe('cycleOf', () => {
  it('counts judged changes, and those that could not be judged because of the receiver', () => {
    const changeResults: ChangeResult[] = ['announced', 'missed', 'missed', 'excused', 'receiver-away'];
    expect(cycleOf('run-3', hour(3), changeResults)).toEqual(cycle(3, 1, 2, 1));
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

  it('keeps a day of cycles, the newest last, and is idempotent', () => {
    fc.assert(
      fc.property(cycles, (all) => {
        const judged = all.filter(({ announced, missed }) => announced + missed > 0);
        const kept = all.reduce<Cycle[]>(withCycle, []);
        expect(kept).toEqual(judged.slice(-24));
        const last = kept.at(-1);
        if (last !== undefined) expect(withCycle(kept, last)).toEqual(kept);
      }),
    );
  });
});

describe('withCycle for runs in which no change could be judged', () => {
  it('keeps enough cycles to detect the state, and removes no other cycle', () => {
    const before = [cycle(1, 1, 0), cycle(2, 0, 1)];
    const long = Array.from({ length: 40 }, (_, n) => cycle(n + 3, 0, 0, 2));
    const kept = long.reduce<Cycle[]>(withCycle, before);
    expect(kept).toEqual([...before, ...long.slice(-4)]);
    expect(isUnheard(kept)).toBe(true);
    expect(isUnheard(withCycle(kept, cycle(50, 1, 0)))).toBe(false);
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

describe('shouldNotify', () => {
  const clean = [cycle(1, 3, 0)];
  const missed = [cycle(1, 0, 3)];

  it.each<[string, WebhookHealth | null, WebhookHealth, Cycle[], boolean]>([
    ['a quiet instance whose webhook never came', null, 'missing', [], false],
    ['a webhook that never came, and changes', null, 'missing', missed, true],
    ['the same again', 'missing', 'missing', missed, false],
    ['a webhook that works from the beginning', null, 'healthy', clean, false],
    ['one that keeps working', 'healthy', 'healthy', clean, false],
    ['one that fails and was never reported', null, 'failing', missed, true],
    ['one that breaks', 'healthy', 'failing', missed, true],
    ['one that stays broken', 'failing', 'failing', missed, false],
    ['one that came and broke at once', 'missing', 'failing', missed, true],
    ['one that is recovered', 'failing', 'healthy', clean, true],
    ['one that was entered at last', 'missing', 'healthy', clean, true],
    ['one that cannot be judged', 'healthy', 'unknown', clean, false],
    ['one that failed, and that cannot be judged', 'failing', 'unknown', missed, false],
  ])('%s', (_what, notified, next, known, should) => {
    expect(shouldNotify(notified, next, known)).toBe(should);
  });

  it('is never true twice in a row, nor for a recovery without a failure before', () => {
    const states = fc.constantFrom(...webhookHealths);
    fc.assert(
      fc.property(fc.array(fc.tuple(states, cycles), { maxLength: 60 }), (runs) => {
        const said: WebhookHealth[] = [];
        for (const [health, known] of runs) if (shouldNotify(said.at(-1) ?? null, health, known)) said.push(health);
        expect(said.filter((health, at) => health === said[at - 1])).toEqual([]);
        expect(said[0]).not.toBe('healthy');
      }),
    );
  });
});

describe('isReceiverMissed', () => {
  const used = { firstDeliveryAt: hour(1), cycles: [cycle(2, 1, 0)] };
  const interrupted = { firstDeliveryAt: hour(1), cycles: unheard(2, 3, 4, 5) };
  const unused = { firstDeliveryAt: null, cycles: [cycle(2, 0, 1)] };

  it.each<[string, (typeof used | typeof unused)[], boolean, boolean]>([
    ['it is away', [used, unused], true, true],
    ['it is there', [used], false, false],
    ['it is interrupted again and again', [used, interrupted], false, true],
    ['it is interrupted no longer', [used, used], false, false],
    ['an instance that uses no webhooks', [unused], true, false],
    ['an instance of which nothing is known', [], true, false],
  ])('%s', (_what, locations, away, missed) => {
    expect(isReceiverMissed(locations, away)).toBe(missed);
  });
});

describe('healthAdvice', () => {
  it.each(webhooks)('names the webhook for %s, and what to do in KIPU while it fails', (webhook) => {
    const name = webhook === 'chart-update' ? 'Chart Update' : 'Patient Creation';
    for (const health of ['missing', 'failing'] as const) {
      expect(healthAdvice[health][webhook]).toContain(name);
      expect(healthAdvice[health][webhook]).toMatch(/(Set up|turned on).* in KIPU/);
    }
    expect(healthAdvice.unknown[webhook]).toMatch(new RegExp(`receive webhooks now.*${name}.*kipu-referrals web`));
    expect(healthAdvice.healthy[webhook]).toContain('works');
  });
});

describe('Limits', () => {
  it('a change missed at the moment of the first delivery is from before it', () => {
    expect(healthOf({ firstDeliveryAt: hour(2), cycles: [cycle(2, 0, 1)] }, false)).toBe('healthy');
    expect(healthOf({ firstDeliveryAt: hour(1), cycles: [cycle(2, 0, 1)] }, false)).toBe('failing');
  });

  it('a cycle in which all changes were unheard, or as many as were announced, is kept', () => {
    expect(withCycle([], cycle(1, 0, 0, 2))).toHaveLength(1);
    expect(withCycle([], cycle(1, 2, 0, 2))).toHaveLength(1);
    expect(withCycle([], cycle(1, 0, 0, 0))).toHaveLength(0);
  });

  it('judged cycles and others do not displace each other, and each kind is bounded', () => {
    let kept: Cycle[] = [];
    for (let n = 1; n <= 400; n += 1) kept = withCycle(kept, n % 2 === 0 ? cycle(n, 1, 0) : cycle(n, 0, 0, 1));
    const judged = kept.filter(({ announced }) => announced > 0);
    const others = kept.filter(({ announced }) => announced === 0);
    expect([judged.at(-1)?.run, others.at(-1)?.run]).toEqual(['run-400', 'run-399']);
    let onlyJudged: Cycle[] = [];
    for (let n = 1; n <= 400; n += 1) onlyJudged = withCycle(onlyJudged, cycle(n, 1, 0));
    expect(judged.length).toBe(onlyJudged.length);
    expect(onlyJudged.length).toBeLessThan(100);
    expect(others.length).toBeLessThan(20);
  });

  it('a webhook that never delivered is worth a notice only after a change was missed', () => {
    expect([shouldNotify(null, 'missing', [{ missed: 0 }]), shouldNotify(null, 'missing', [{ missed: 1 }])]).toEqual([
      ...[false, true],
    ]);
  });

  it('locations without a name are sorted before those with one', () => {
    const at = (locationName: string | null, locationId: string | null) =>
      ({ locationName, locationId, health: 'healthy' }) as const;
    const sorted = worstFirst([at('Detox', '2'), at(null, null), at('Ash', '3')]);
    expect(sorted.map(({ locationName }) => locationName)).toEqual([null, 'Ash', 'Detox']);
  });
});
