import { describe, expect, it } from 'vitest';
import { isFromBeforeDischarge, mayBeMarked, staleOf } from '../../../domain/stale.ts';

const lastHold = { since: new Date('2026-03-01T10:00:00Z'), reason: 'webhook-missing' as const };
const hold = { ...lastHold, reminders: 2, changesWaiting: 1 };

describe('staleOf', () => {
  it.each([
    ['a held record: since then', { status: 'held', hold, lastHold }, lastHold],
    ['a record that was never held: nothing', { status: 'synced', hold: null }, undefined],
    [
      'an unlocked record whose chart is not read yet: no change',
      { status: 'unlocked', hold: null, lastHold },
      undefined,
    ],
    ['an unlocked record whose chart cannot be read: no change', { status: 'failed', hold: null, lastHold }, undefined],
    ['a record whose chart was deleted: no change', { status: 'void', hold: null, lastHold }, undefined],
    ['an unlocked record whose chart was read: it is over', { status: 'synced', hold: null, lastHold }, null],
    ['one whose chart is not ready: it is over', { status: 'notReady', hold: null, lastHold }, null],
    ['one whose chart is a placeholder: it is over', { status: 'ignored', hold: null, lastHold }, null],
  ])('says of %s', (_, record, stale) => {
    expect(staleOf(record)).toEqual(stale);
  });
});

describe('mayBeMarked', () => {
  it.each([
    ['a mark', lastHold, 'saved', true],
    ['no mark yet, which a late attempt may write', undefined, 'held', true],
    ['a mark that was removed', null, 'saved', false],
    ['a mark that was removed before another hold', null, 'held', true],
    ['a mark that was removed before failures', null, 'failed', true],
  ])('of a referral with %s', (_, stale, outcome, may) => {
    expect(mayBeMarked(stale, outcome)).toBe(may);
  });
});

describe('isFromBeforeDischarge', () => {
  const at = new Date('2026-03-01T06:00:00Z');
  it.each([
    ['without a discharge', null, true],
    ['with a planned discharge', '2026-03-02', true],
    ['with a discharge of the same evening there', '2026-02-28T22:30:00', true],
    ['with a discharge that had come', '2026-02-28T21:30:00', false],
  ])('of a revision %s', (_, dischargeDate, before) => {
    expect(isFromBeforeDischarge({ dischargeDate, at }, 'America/Los_Angeles')).toBe(before);
  });
});
