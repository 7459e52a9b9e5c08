import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { chosenInstances, filled, recordId, wholeNumber } from '../../../../cli/terminal/arguments.ts';
import { CommandError } from '../../../../cli/terminal/commandError.ts';
import { ago, counted, minute, span } from '../../../../cli/terminal/text.ts';
import { HOUR_MS } from '../../../../domain/time.ts';

describe('A text', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [HOUR_MS, '1 h'],
    [47 * HOUR_MS, '47 h'],
    [48 * HOUR_MS, '2 d'],
  ])('for %i ms is %j', (ms, text) => expect(span(ms)).toBe(text));

  it('formats instants and counts', () => {
    const at = new Date('2026-03-01T10:00:59Z');
    expect([minute(at), minute(null)]).toEqual(['2026-03-01 10:00Z', null]);
    expect([ago(at, new Date('2026-03-01T12:01:00Z')), ago(null, at)]).toEqual(['2 h ago', null]);
    expect([counted(1, 'row'), counted(0, 'row')]).toEqual(['1 row', '0 rows']);
  });
});

describe('An argument', () => {
  it.each(['0', '11', '1.5', '-1', '1e1', '', 'x', '٣'])('%j is not a number from 1 to 10', (text) => {
    expect(() => wholeNumber(1, 10)(text)).toThrow(InvalidArgumentError);
  });
  it('10 is a number from 1 to 10', () => expect(wholeNumber(1, 10)('10')).toBe(10));

  it.each(['', ' ', '\t\n'])('%j is not a name', (text) => {
    expect(() => filled(text)).toThrow(InvalidArgumentError);
  });
  it('that is a name is trimmed', () => expect(filled(' R. Lee ')).toBe('R. Lee'));

  it.each(['r-1', 'R-BCDF2345GHJK6789', 'r-bcdf2345ghjk678a', 'patient/r-bcdf2345ghjk6789', '$where'])(
    '%j is not a record id',
    (text) => expect(() => recordId(text)).toThrow(InvalidArgumentError),
  );
  it('that is a record id in capitals is answered with a guess', () => {
    expect(() => recordId(' R-BCDF2345GHJK6789')).toThrow('Did you mean r-bcdf2345ghjk6789?');
  });
  it('r-bcdf2345ghjk6789 is a record id', () => expect(recordId('r-bcdf2345ghjk6789')).toBe('r-bcdf2345ghjk6789'));

  it('that names an unknown instance is refused with the known names', () => {
    expect(chosenInstances(['a', 'b'], undefined)).toEqual(['a', 'b']);
    expect(chosenInstances(['a', 'b'], 'b')).toEqual(['b']);
    expect(() => chosenInstances(['a', 'b'], 'c')).toThrow(
      new CommandError('There is no instance "c"; the settings name a, b.', 2),
    );
    expect(() => chosenInstances(['north-harbor', 'south'], 'North-habor')).toThrow(
      new CommandError(
        'There is no instance "North-habor"; the settings name north-harbor, south. Did you mean north-harbor?',
        2,
      ),
    );
    expect(() => chosenInstances(['north', 'south'], 'east')).toThrow(
      new CommandError('There is no instance "east"; the settings name north, south.', 2),
    );
  });
});
