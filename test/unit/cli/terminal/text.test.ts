import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { chosenInstances, filled, recordId, wholeNumber } from '../../../../cli/terminal/arguments.ts';
import { CommandError } from '../../../../cli/terminal/errors.ts';
import { ago, counted, minute, span } from '../../../../cli/terminal/text.ts';

describe('words', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
  ])('calls %i ms %j', (ms, text) => expect(span(ms)).toBe(text));

  it('tells instants and numbers', () => {
    const at = new Date('2026-03-01T10:00:59Z');
    expect([minute(at), minute(null)]).toEqual(['2026-03-01 10:00Z', null]);
    expect([ago(at, new Date('2026-03-01T12:01:00Z')), ago(null, at)]).toEqual(['2 h ago', null]);
    expect([counted(1, 'row'), counted(0, 'row')]).toEqual(['1 row', '0 rows']);
  });
});

describe('arguments', () => {
  it.each(['0', '11', '1.5', '-1', '1e1', '', 'x', '٣'])('refuses %j as a number from 1 to 10', (text) => {
    expect(() => wholeNumber(1, 10)(text)).toThrow(InvalidArgumentError);
  });
  it('takes a number', () => expect(wholeNumber(1, 10)('10')).toBe(10));

  it.each(['', ' ', '\t\n'])('refuses %j as a name', (text) => {
    expect(() => filled(text)).toThrow(InvalidArgumentError);
  });
  it('takes a name without the blanks round it', () => expect(filled(' R. Lee ')).toBe('R. Lee'));

  it.each(['r-1', 'R-BCDF2345GHJK6789', 'r-bcdf2345ghjk678a', 'patient/r-bcdf2345ghjk6789', '$where'])(
    'refuses %j as a record',
    (text) => expect(() => recordId(text)).toThrow(InvalidArgumentError),
  );
  it('takes a record', () => expect(recordId('r-bcdf2345ghjk6789')).toBe('r-bcdf2345ghjk6789'));

  it('names the known instances when it refuses another', () => {
    expect(chosenInstances(['a', 'b'], undefined)).toEqual(['a', 'b']);
    expect(chosenInstances(['a', 'b'], 'b')).toEqual(['b']);
    expect(() => chosenInstances(['a', 'b'], 'c')).toThrow(
      new CommandError('There is no instance "c"; the settings name a, b.', 2),
    );
  });
});
