import { describe, expect, it } from 'vitest';
import { addUnlock, readUnlock, type UnlockAttempt, withoutFirst } from '../../../domain/unlock.ts';

const valid = { by: 'Ada Example', why: null, refused: null, times: 1 };
const longName = 'the name is longer than 200 characters';
const longReason = 'the reason is longer than 1,000 characters';

describe('An unlock request', () => {
  it.each<[string, unknown, Partial<UnlockAttempt>]>([
    ['a name', { by: 'Ada Example' }, valid],
    ['a name and a reason', { by: 'Ada Example', why: 'It is final.' }, { ...valid, why: 'It is final.' }],
    ['a null reason', { by: 'Ada Example', why: null }, valid],
    ['blanks around both', { by: ' Ada Example\n', why: ' \t' }, { ...valid, why: '' }],
    ['a name of 200 characters', { by: 'a'.repeat(200) }, { by: 'a'.repeat(200), refused: null }],
    ['a reason of 1,000 characters', { by: 'Ada', why: 'w'.repeat(1_000) }, { why: 'w'.repeat(1_000), refused: null }],
    ['blanks that make it too long', { by: `${' '.repeat(300)}Ada` }, { by: 'Ada', refused: null }],
    ['other fields', { by: 'Ada Example', name: 'x' }, valid],
    ['no name', {}, { by: 'unknown', refused: 'no name' }],
    ['an empty name', { by: '' }, { by: 'unknown', refused: 'no name' }],
    ['a blank name', { by: ' \n' }, { by: 'unknown', refused: 'no name' }],
    ['a number for a name', { by: 7 }, { by: 'unknown', refused: 'no name' }],
    ['a name of 201 characters', { by: 'a'.repeat(201) }, { by: 'a'.repeat(200), refused: longName }],
    [
      'a long reason',
      { by: 'Ada', why: 'w'.repeat(1_001) },
      { by: 'Ada', why: 'w'.repeat(1_000), refused: longReason },
    ],
    ['a number for a reason', { by: 'Ada', why: 7 }, { by: 'Ada', why: null, refused: 'the reason is not text' }],
    ['nothing', undefined, { by: 'unknown', refused: 'no name' }],
    ['null', null, { by: 'unknown', refused: 'no name' }],
    ['text', 'Ada Example', { by: 'unknown', refused: 'no name' }],
    ['a list', ['Ada Example'], { by: 'unknown', refused: 'no name' }],
  ])('with %s is read', (_, input, expected) => {
    expect(readUnlock(input)).toMatchObject(expected);
  });
});

describe('Waiting unlocks', () => {
  const add = (inputs: unknown[]) =>
    inputs.reduce<UnlockAttempt[]>((all, input) => addUnlock(all, readUnlock(input)), []);

  it('keep the order of arrival, and each valid one', () => {
    expect(add([{ by: 'Ada' }, {}, { by: 'Ada' }, { by: 'Bob' }]).map(({ by }) => by)).toEqual([
      ...['Ada', 'unknown', 'Ada', 'Bob'],
    ]);
  });

  it('count refused ones of one name together', () => {
    expect(add([{}, { by: '' }, null, { by: 'x'.repeat(300) }])).toMatchObject([
      { refused: 'no name', times: 3 },
      { refused: longName, times: 1 },
    ]);
  });

  it('stay few however many arrive, and keep a valid one behind all refused ones', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => ({ by: `${at}`.padEnd(300, 'x') }));
    const waiting = add([...many, {}, { by: 'Ada', why: 7 }, { by: 'Ada' }]);
    expect(waiting.length).toBeLessThan(30);
    expect(waiting.reduce((sum, { times }) => sum + times, 0)).toBe(5_003);
    expect(waiting.at(-1)).toEqual({ by: 'Ada', why: null, refused: null, times: 1 });
  });

  it('refuse a valid one behind a hundred other valid ones', () => {
    const waiting = add(Array.from({ length: 1_000 }, () => ({ by: 'Ada' })));
    expect(waiting).toHaveLength(101);
    expect(waiting.at(-1)).toMatchObject({ by: 'Ada', refused: 'too many unlocks are waiting', times: 900 });
  });

  it('lose the first when it was applied, but not the requests that were counted on it since then', () => {
    const before = add([{}, { by: 'Ada' }]);
    expect(withoutFirst(before, 1)).toEqual([valid].map((one) => ({ ...one, by: 'Ada' })));
    const since = addUnlock(addUnlock(before, readUnlock({})), readUnlock({}));
    expect(withoutFirst(since, 1)).toMatchObject([{ refused: 'no name', times: 2 }, { by: 'Ada' }]);
    expect(withoutFirst([], 1)).toEqual([]);
  });
});
