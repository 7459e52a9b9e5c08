import { expect, it } from 'vitest';
import { rateLimit } from '../../../../web/http/checks.ts';

it('rateLimit lets a burst pass, then limits each key to its rate per second', () => {
  let at = Date.UTC(2026, 2, 2);
  const waitFor = rateLimit({ perSecond: 0.5, burst: 3 }, () => new Date(at));
  const ask = (key: string, times: number) => Array.from({ length: times }, () => waitFor(key));
  expect(ask('north', 5)).toEqual([0, 0, 0, 2, 2]);
  expect(ask('south', 1)).toEqual([0]);
  at += 1_000;
  expect(ask('north', 1)).toEqual([1]);
  at += 1_000;
  expect(ask('north', 2)).toEqual([0, 2]);
  at += 3_600_000;
  expect(ask('north', 4)).toEqual([0, 0, 0, 2]);
  // Setting the clock back neither adds nor removes tokens.
  at -= 7_200_000;
  expect(ask('south', 3)).toEqual([0, 0, 2]);
});

it('rateLimit removes the keys that were not used for longest when there are too many', () => {
  const waitFor = rateLimit({ perSecond: 1, burst: 1 }, () => new Date(0));
  expect([waitFor('first'), waitFor('first')]).toEqual([0, 1]);
  for (let i = 0; i < 5_000; i += 1) waitFor(`other ${i}`);
  expect(waitFor('first')).toBe(0);
});

it('rateLimit keeps limiting a key that is in use, however many others come', () => {
  const waitFor = rateLimit({ perSecond: 1, burst: 1 }, () => new Date(0));
  expect(waitFor('first')).toBe(0);
  for (let i = 0; i < 12_000; i += 1) {
    waitFor(`other ${i}`);
    if (i % 4_000 === 0) expect(waitFor('first')).toBe(1);
  }
  expect(waitFor('first')).toBe(1);
});

it('rateLimit accepts tokens back, at most up to the burst', () => {
  const waitFor = rateLimit({ perSecond: 1, burst: 2 }, () => new Date(0));
  waitFor.giveBack('unknown');
  expect([waitFor('a'), waitFor('a'), waitFor('a')]).toEqual([0, 0, 1]);
  waitFor.giveBack('a');
  expect([waitFor('a'), waitFor('a')]).toEqual([0, 1]);
  for (let i = 0; i < 5; i += 1) waitFor.giveBack('a');
  expect([waitFor('a'), waitFor('a'), waitFor('a')]).toEqual([0, 0, 1]);
});
