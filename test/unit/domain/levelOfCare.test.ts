import { describe, expect, it } from 'vitest';
import { shownLevelOfCare } from '../../../domain/chart.ts';

describe('shownLevelOfCare', () => {
  it.each([
    ['a prefix', 'UR LOC: IOP', 'IOP'],
    ['no prefix', 'Residential', 'Residential'],
    ['no blanks', 'UR LOC:IOP', 'IOP'],
    ['more blanks', ' UR  LOC :\t IOP 5 days ', 'IOP 5 days'],
    ['another case', 'ur loc: PHP', 'PHP'],
    ['the prefix twice', 'UR LOC: UR LOC: IOP', 'IOP'],
    ['the prefix alone', 'UR LOC: ', null],
    ['nothing', null, null],
    ['blanks', '  ', null],
    ['the prefix further on', 'IOP (UR LOC: PHP)', 'IOP (UR LOC: PHP)'],
    ['words that begin alike', 'UR LOCATION: A', 'UR LOCATION: A'],
    ['no colon', 'UR LOC', 'UR LOC'],
  ])('%s', (_, said, shown) => {
    expect(shownLevelOfCare(said)).toBe(shown);
  });
});
