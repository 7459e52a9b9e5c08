import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlaceholder, missingFields, requiredFields } from '../../../domain/chart.ts';
import { aChart } from '../../support/chartFixtures.ts';

describe('missingFacts', () => {
  const nothing = [null, '', '  ', '\t\r\n', '\u00a0', '\u200b', '\u200e\ufeff'];

  it.each(requiredFields.flatMap((fact) => nothing.map((text) => [fact, text] as const)))(
    'for %s are %j',
    (fact, text) => {
      expect(missingFields(aChart({ [fact]: text }))).toEqual([fact]);
    },
  );

  it('are no other fields', () => {
    expect(missingFields(aChart({ middleName: null, destination: null, dischargeDate: null, program: null }))).toEqual(
      [],
    );
  });

  it('are exactly the empty fields, in the order in which staff fill them in', () => {
    fc.assert(
      fc.property(fc.subarray([...requiredFields]), (lacking) => {
        expect(missingFields(aChart(Object.fromEntries(lacking.map((fact) => [fact, null]))))).toEqual(lacking);
      }),
    );
  });
});

describe('isPlaceholder', () => {
  const fields = ['mrNumber', 'firstName', 'lastName'] as const;

  const placeholders = [
    'TEST',
    'test',
    ' Test ',
    'Test 2',
    'test2',
    'TEST007',
    'TEST-01',
    'TEST_PATIENT',
    'test patient',
    'Patient, Test',
    'ZZ Test (do not use)',
    '"TEST"',
    '\u2018TEST\u2019',
    '*TEST*',
    'TEST.',
    'TE\u200bST',
    '\u00a0TEST\u200e',
  ];
  it.each(placeholders.flatMap((text) => fields.map((field) => [text, field] as const)))(
    'is true for %j as %s',
    (text, field) => {
      expect(isPlaceholder(aChart({ [field]: text }))).toBe(true);
    },
  );

  const people = [
    'Testa',
    'Testerman',
    'Testard',
    'Testing',
    'Tester',
    'Contest',
    'Protest',
    'Attest',
    'Teste',
    'Tést',
    'Te\u0301st',
    'Test\u030c',
    'Test\u0301a',
    'Тест',
    '1test',
    'T E S T',
    '',
    null,
  ];
  it.each(people.flatMap((text) => fields.map((field) => [text, field] as const)))(
    'is false for %j as %s',
    (text, field) => {
      expect(isPlaceholder(aChart({ [field]: text }))).toBe(false);
    },
  );

  it.each(['Test-Miller', 'Miller-Test', "Test'Arossa", 'Test\u2019Arossa', 'Test\u2011Miller'])(
    'is false for the double name %s',
    (name) => {
      expect(isPlaceholder(aChart({ firstName: name }))).toBe(false);
      expect(isPlaceholder(aChart({ lastName: name }))).toBe(false);
    },
  );

  it.each(['MR-TEST-7', '2026/TEST', 'TEST-A1'])('is true for the record number %s with other parts', (mrNumber) => {
    expect(isPlaceholder(aChart({ mrNumber }))).toBe(true);
  });

  it('ignores all other fields', () => {
    expect(isPlaceholder(aChart({ destination: 'TEST', program: 'TEST', firstContactName: 'Test' }))).toBe(false);
  });

  it('is false for a name of one word that continues with a letter', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[Tt][Ee][Ss][Tt]['-]?[a-zé]{1,10}$/), (name) => {
        expect(isPlaceholder(aChart({ lastName: name }))).toBe(false);
      }),
    );
  });

  it('is fast for long names', () => {
    for (const part of ['test-', "test'", '-', '1', 'x test9x']) {
      expect(isPlaceholder(aChart({ lastName: `test${part.repeat(20_000)}x` }))).toBe(false);
    }
  });
});
