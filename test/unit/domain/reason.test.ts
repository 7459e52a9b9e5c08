import { describe, expect, it } from 'vitest';
import { MAX_REASON, namesPatient, readReason } from '../../../domain/reason.ts';

const patient = { firstName: 'Cosima', lastName: 'Núñez-Young', mrNumber: 'MR-0020-117', dob: '1991-02-05T00:00:00' };

describe('A reason', () => {
  it.each([
    ['called Cosima Nunez Young'],
    ['NÚÑEZ-YOUNG, COSIMA: destination confirmed'],
    ['Cosima was here, so was her mother, a Nuñez Young'],
    ['chart MR-0020-117 is final'],
    ['chart mr0020117 is final'],
    ['number 0020117'],
    ['number 20-117, final'],
    ['born 02/05/1991'],
    ['born 2/5/91'],
    ['born 1991-02-05'],
    ['born 19910205'],
    ['born 02051991'],
    ['born Feb 5, 1991'],
    ['born on 5 February 1991'],
  ])('that identifies the patient is refused: %s', (text) => {
    expect(namesPatient(text, patient)).toBe(true);
  });

  it.each([
    ['discharge confirmed by phone'],
    ['a young man called'],
    ['spoke with Cosima at the front desk'],
    ['the Nunez-Young family called'],
    ['destination confirmed on Feb 5'],
    ['room 117, 2 calls'],
    ['called at 2:05'],
    ['cosimanunezyoung'],
    [''],
  ])('that does not is accepted: %s', (text) => {
    expect(namesPatient(text, patient)).toBe(false);
  });

  it.each([
    [{ ...patient, firstName: null }, 'Nunez Young called'],
    [{ ...patient, lastName: null, firstName: 'Will' }, 'they will call'],
    [{ ...patient, mrNumber: '117' }, 'room 117'],
    [{ ...patient, mrNumber: null, dob: null }, 'null'],
    [{ ...patient, dob: 'unknown' }, 'unknown'],
  ])('of a patient of whom less is known is accepted: %#', (chart, text) => {
    expect(namesPatient(text, chart)).toBe(false);
  });

  it.each([
    [null, ' called the unit ', { why: 'called the unit' }],
    [null, '  ', { problem: 'missing' }],
    ['phone', '', { why: 'Destination confirmed by phone' }],
    ['phone', 'twice', { why: 'Destination confirmed by phone: twice' }],
    ['phone', 'x'.repeat(MAX_REASON + 1), { problem: 'too-long' }],
    ['phone', 'of Cosima Nunez-Young', { problem: 'names' }],
  ] as const)('is what was chosen and typed: %s %s', (chosen, typed, expected) => {
    expect(readReason(chosen, typed, [null, patient])).toEqual(expected);
  });
});
