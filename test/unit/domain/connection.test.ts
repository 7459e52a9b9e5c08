import { describe, expect, it } from 'vitest';
import {
  type ConnectionChange,
  type ConnectionState,
  changedFields,
  changeProblem,
  connectionChanges,
  newest,
  rotated,
} from '../../../domain/connection.ts';

describe('A KIPU connection', () => {
  const possible: Record<ConnectionState, ConnectionChange[]> = {
    active: ['set', 'pause', 'rotate-secret', 'drop-secret', 'retire'],
    paused: ['set', 'resume', 'rotate-secret', 'drop-secret', 'retire'],
    retired: [],
  };
  it.each(Object.entries(possible))('that is %s may be changed in these ways only', (state, expected) => {
    expect(connectionChanges.filter((change) => changeProblem(state as ConnectionState, change) === null)).toEqual(
      expected,
    );
  });

  it.each([
    ['retired', 'set', 'It is retired. Add it again to connect it anew; its records are kept.'],
    ['paused', 'pause', 'It is paused already.'],
    ['active', 'resume', 'It is not paused.'],
  ] as const)('that is %s says why it cannot be changed by %s', (state, change, why) => {
    expect(changeProblem(state, change)).toBe(why);
  });

  it('has a field that is null as one that is not set', () => {
    expect(changedFields({ a: null, b: undefined, c: 1 }, { a: 1, b: null, c: null }, [])).toEqual([
      ...['a not set → 1', 'c 1 → not set'],
    ]);
  });

  it('has at most two valid secrets, the newest first', () => {
    expect(rotated([], 'a')).toEqual(['a']);
    expect(rotated(['a'], 'b')).toEqual(['b', 'a']);
    expect(rotated(['b', 'a'], 'c')).toEqual(['c', 'b']);
    expect(newest(['c', 'b'])).toEqual(['c']);
  });

  it('names its changed fields with their values, but no value of a secret', () => {
    const before = { lockPolicy: 'never', secretKey: 'a', zones: { '7': 'A' }, timeZone: undefined };
    const after = { lockPolicy: 'always', secretKey: 'b', zones: { '7': 'B' }, timeZone: 'C' };
    expect(changedFields(before, after, ['secretKey'])).toEqual([
      ...['lockPolicy never → always', 'secretKey changed', 'zones {"7":"A"} → {"7":"B"}', 'timeZone not set → C'],
    ]);
    expect(changedFields(before, before, ['secretKey'])).toEqual([]);
  });
});
