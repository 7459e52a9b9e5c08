import { describe, expect, it } from 'vitest';
import { brokenLink, kindsWithoutProxy, kindsWithProxy, processOf } from '../../faults/kinds.ts';
import { episodeText, planRound } from '../../faults/plan.ts';

const kinds = [...kindsWithoutProxy, ...kindsWithProxy];
const options = { seed: 7, episodes: 5, kinds };

describe('The plan of a round', () => {
  it('is the same for the same seed and round, and another for another', () => {
    expect(planRound(3, options)).toEqual(planRound(3, options));
    expect(planRound(3, options)).not.toEqual(planRound(4, options));
    expect(planRound(3, options)).not.toEqual(planRound(3, { ...options, seed: 8 }));
  });

  it('has each kind of fault once before it has any again', () => {
    const rounds = Math.ceil(kinds.length / options.episodes);
    const firsts = Array.from({ length: rounds }, (_, index) => planRound(index + 1, options))
      .flat()
      .map(({ faults: [first] }) => first);
    expect(new Set(firsts.slice(0, kinds.length))).toEqual(new Set(kinds));
  });

  it('has no two faults of one process at the same time, and pairs of others', () => {
    const episodes = Array.from({ length: 60 }, (_, index) => planRound(index + 1, options)).flat();
    const processes = episodes.map(({ faults }) => faults.map(processOf).filter((one) => one !== null));
    expect(processes.filter((one) => new Set(one).size < one.length)).toEqual([]);
    expect(episodes.filter(({ faults }) => faults.length === 2).length).toBeGreaterThan(30);
  });

  it('lets a worker be frozen until another has repeated its activities', () => {
    const [episode] = planRound(1, { ...options, kinds: ['worker-freeze'] });
    expect(episode?.forMs).toBeGreaterThan(10_000);
  });

  it('is shown in one line for each episode', () => {
    const draw = 0;
    expect(
      episodeText({
        faults: ['mongodb-kill', 'kipu-429'],
        before: [{ kind: 'sync', draw }],
        during: [{ kind: 'unlock', draw }],
        ...{ afterCalls: 3, forMs: 900 },
      }),
    ).toBe('[sync] after 3 calls: mongodb-kill + kipu-429 for 900 ms [unlock]');
  });
});

describe('The kind of a fault', () => {
  it.each([
    ['worker-mongodb-half-open', { link: 'worker-mongodb', how: 'half-open' }],
    ['web-temporal-cut', { link: 'web-temporal', how: 'cut' }],
    ['worker-kill', null],
    ['mongodb-freeze', null],
    ['kipu-reset-in-body', null],
  ] as const)('says which connection it breaks: %s', (kind, expected) => {
    expect(brokenLink(kind)).toEqual(expected);
  });

  it.each([
    ['workers-away', 'worker'],
    ['worker-kill', 'worker'],
    ['temporal-kill', 'temporal'],
    ['worker-temporal-cut', null],
    ['kipu-503', null],
  ] as const)('says which process it ends or freezes: %s', (kind, expected) => {
    expect(processOf(kind)).toBe(expected);
  });
});
