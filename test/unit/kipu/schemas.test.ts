import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartKeys, chartResponse } from '../../../kipu/chart.ts';
import { masterIdOf, parseCasefileId } from '../../../kipu/index.ts';
import { locationsResponse, pageResponse } from '../../../kipu/lists.ts';

const casefile_id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const masterId = '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const chart = (patient: object) => chartResponse.safeParse({ patient: { casefile_id, ...patient } });
const fieldsRefused = (result: ReturnType<typeof chartResponse.safeParse>) =>
  result.error?.issues.map(({ path }) => path.join('.'));

describe('A chart', () => {
  it('with only its id has null everywhere else', () => {
    const { casefileId, masterId: master, ...rest } = chartResponse.parse({ patient: { casefile_id } });
    expect({ casefileId, master }).toEqual({ casefileId: casefile_id, master: masterId });
    expect(Object.keys(rest)).toHaveLength(25);
    expect(new Set(Object.values(rest))).toEqual(new Set([null]));
  });

  it('takes each field from its own place', () => {
    const fields = {
      mr_number: 'mrNumber',
      first_name: 'firstName',
      middle_name: 'middleName',
      last_name: 'lastName',
      discharge_or_transition_id: 'destinationId',
      discharge_or_transition_name: 'destination',
      discharge_type: 'dischargeType',
      discharge_type_code: 'dischargeTypeCode',
      level_of_care: 'levelOfCare',
      next_level_of_care: 'nextLevelOfCare',
      program: 'program',
      location_id: 'locationId',
      location_name: 'locationName',
      insurance_company: 'insuranceCompany',
      payment_method: 'paymentMethod',
      referrer_name: 'referrerName',
      first_contact_name: 'firstContactName',
    };
    const dates = {
      dob: 'dob',
      admission_date: 'admissionDate',
      discharge_date: 'dischargeDate',
      anticipated_discharge_date: 'anticipatedDischargeDate',
      next_level_of_care_date: 'nextLevelOfCareDate',
      date_of_death: 'dateOfDeath',
      created_at: 'createdAt',
      last_updated_at: 'lastUpdatedAt',
    };
    const given: Record<string, string> = {};
    const expected: Record<string, string> = { casefileId: casefile_id, masterId };
    for (const [theirs, ours] of Object.entries(fields)) given[theirs] = expected[ours] = `value of ${theirs}`;
    Object.entries(dates).forEach(([theirs, ours], i) => {
      given[theirs] = expected[ours] = `2026-01-${10 + i}`;
    });
    // payment_method_category and the rest of KIPU's fields have no place here.
    expect(chart({ ...given, payment_method_category: 'x', unknown: { deep: [1] } }).data).toEqual(expected);
  });

  it.each([
    ['text trimmed', { first_name: '\t Ada\u00a0' }, { firstName: 'Ada' }],
    ['blanks are nothing', { first_name: ' \t\u00a0', last_name: '' }, { firstName: null, lastName: null }],
    ['number to text', { mr_number: 4711, location_id: 3.5 }, { mrNumber: '4711', locationId: '3.5' }],
    [
      'destination untouched',
      { discharge_or_transition_name: ' \u201cOak\u201d\tHouse ' },
      { destination: ' \u201cOak\u201d\tHouse ' },
    ],
    ['destination blank', { discharge_or_transition_name: ' \t' }, { destination: null }],
    ['destination a number', { discharge_or_transition_name: 12 }, { destination: '12' }],
    [
      'date with offset',
      { discharge_date: '2026-01-06T23:59:00-05:00' },
      { dischargeDate: '2026-01-07T04:59:00.000Z' },
    ],
    ['birth by local midnight', { dob: ' 1990-02-03T00:00:00-05:00' }, { dob: '1990-02-03' }],
    ['birth by local midnight ahead of UTC', { dob: '1990-02-03T00:00:00+05:30' }, { dob: '1990-02-03' }],
    ['birth by a clock time', { dob: '1990-02-03 23:30:00' }, { dob: '1990-02-03' }],
    ['birth by zeros', { dob: '0000-00-00' }, { dob: null }],
    ['zero date', { discharge_date: '0000-00-00' }, { dischargeDate: null }],
    [
      'names like parts of JavaScript',
      JSON.parse('{"__proto__":{"first_name":"x"},"last_name":"$where"}'),
      { firstName: null, lastName: '$where' },
    ],
  ])('%s', (_, patient, expected) => {
    expect(chart(patient).data).toMatchObject(expected);
  });

  it.each([
    ['impossible day', { dob: '2026-02-30' }, ['patient.dob']],
    ['unreadable date', { discharge_date: 'marked' }, ['patient.discharge_date']],
    ['date as a number', { dob: 20260106 }, ['patient.dob']],
    ['truth', { first_name: true }, ['patient.first_name']],
    ['object', { last_name: { marked: 'marked' } }, ['patient.last_name']],
    ['array', { program: ['marked'] }, ['patient.program']],
    ['number that JSON has rounded', { mr_number: 2 ** 53 }, ['patient.mr_number']],
    ['infinite number', { mr_number: Number.POSITIVE_INFINITY }, ['patient.mr_number']],
    ['several', { dob: 'x', created_at: 'y' }, ['patient.dob', 'patient.created_at']],
    ['casefile id without master', { casefile_id: '4101' }, ['patient.casefile_id']],
    ['casefile id null', { casefile_id: null }, ['patient.casefile_id']],
  ])('with %s is rejected by name', (_, patient, fields) => {
    expect(fieldsRefused(chart(patient))).toEqual(fields);
  });

  it.each([[{}], [null], [[]], ['x'], [{ patient: null }], [{ patient: [] }], [{ patients: [] }]])(
    '%j is none',
    (json) => {
      expect(chartResponse.safeParse(json).success).toBe(false);
    },
  );
});

describe('A page', () => {
  const row = {
    ...{ casefileId: casefile_id, masterId, lastUpdatedAt: null, dischargeDate: null },
    ...{ locationId: null, locationName: null, chart: null },
  };

  it.each<[string, unknown, number | null]>([
    ['number', 5, 5],
    ['text', ' 5 ', 5],
    ['zero', 0, 0],
    ['zero as text', '0', 0],
    ['null', null, null],
    ['negative', -1, null],
    ['fraction', 2.5, null],
    ['words', 'many', null],
    ['empty text', '', null],
    ['object', {}, null],
    ['beyond exact numbers', '9'.repeat(30), null],
  ])('has its pagination as %s', (_, value, expected) => {
    const pagination = { current_page: value, total_pages: value, records_per_page: value, total_records: value };
    expect(pageResponse.parse({ pagination, patients: [] }).pagination).toEqual({
      current_page: expected,
      total_pages: expected,
      records_per_page: expected,
      total_records: expected,
    });
  });

  it.each([[undefined], [null], [7], [[]], [{}]])('without usable pagination (%j) is read', (pagination) => {
    const page = pageResponse.parse({ pagination, patients: [{ casefile_id }] });
    expect(page.patients.rows).toEqual([row]);
    expect(page.pagination.total_pages).toBeNull();
  });

  it('has rows in their order, repeated ones too', () => {
    const upper = casefile_id.toUpperCase();
    const patients = [
      {
        ...{ casefile_id, last_updated_at: '2026-01-06 09:08:07', discharge_date: '2026-01-06', first_name: {} },
        ...{ location_id: 3, location_name: ' Oak House ' },
      },
      { casefile_id: ` ${casefile_id}` },
      { casefile_id },
      { casefile_id: upper },
    ];
    expect(pageResponse.parse({ patients }).patients).toMatchObject({
      refused: 0,
      rows: [
        {
          ...{ ...row, lastUpdatedAt: '2026-01-06T09:08:07', dischargeDate: '2026-01-06' },
          ...{ locationId: '3', locationName: 'Oak House' },
        },
        row,
        row,
        row,
      ],
    });
  });

  it('keeps a row with unreadable dates or location', () => {
    const unreadable = {
      last_updated_at: '2026-02-30',
      discharge_date: { x: 1 },
      location_id: [1],
      location_name: true,
    };
    const patients = [{ casefile_id, ...unreadable }];
    expect(pageResponse.parse({ patients }).patients).toMatchObject({ refused: 0, rows: [row] });
  });

  it.each([
    '4101',
    `:${masterId}`,
    `4101:${masterId}0`,
    `4101:${masterId.replaceAll('-', '')}`,
    `4101:${masterId.replace('1', 'g')}`,
    `-1:${masterId}`,
    `4101:${masterId}/../x`,
    `4101:${masterId}\n683:${masterId}`,
    '',
    7,
    null,
    undefined,
    {},
  ])('rejects and counts the casefile id %j', (id) => {
    const patients = [{ casefile_id }, { casefile_id: id }, id];
    expect(pageResponse.parse({ patients }).patients).toMatchObject({ refused: 2, rows: [row] });
  });

  it.each([[{}], [null], [[]], [{ patients: null }], [{ patients: {} }], [{ pagination: {} }]])(
    '%j is none',
    (json) => {
      expect(pageResponse.safeParse(json).success).toBe(false);
    },
  );
});

describe('Blank rows', () => {
  const empty = Object.fromEntries(chartKeys.map((key) => [key, null]));
  it.each<[string, unknown, number]>([
    ['an id and nulls', { ...empty, casefile_id }, 1],
    ['an id and blank text', { casefile_id, first_name: '', last_name: ' \t' }, 1],
    ['an id and empty lists', { casefile_id, contacts: [], insurance: {} }, 1],
    ['ids alone', { casefile_id, patient_id: 4101, location_id: '3', id: 7 }, 1],
    ['everything empty, the id too: a refused row', empty, 1],
    ['no field at all', {}, 1],
    ['null in place of a row', null, 1],
    ['a date', { ...empty, casefile_id, last_updated_at: '2026-01-06' }, 0],
    ['one name', { casefile_id, first_name: 'Ada' }, 0],
    ['a number', { casefile_id, age: 0 }, 0],
    ['a truth', { casefile_id, active: false }, 0],
    ['a refused row with a name', { casefile_id: 'x', first_name: 'Ada' }, 0],
    ['a text in place of a row', 'x', 0],
  ])('%s', (_, patient, blank) => {
    const full = { casefile_id, first_name: 'Ada' };
    expect(pageResponse.parse({ patients: [patient, full, patient] }).patients.blank).toBe(2 * blank);
  });
});

describe("A row's chart", () => {
  const given = Object.fromEntries(chartKeys.map((key) => [key, null]));
  const rowOf = (patient: unknown) => pageResponse.parse({ patients: [patient] }).patients;

  it('exists if every key of a chart exists, even if all values are null', () => {
    const { rows, withChart } = rowOf({ ...given, casefile_id });
    expect(withChart).toBe(1);
    expect(rows[0]?.chart).toEqual(chartResponse.parse({ patient: { casefile_id } }));
  });

  it.each(chartKeys.filter((key) => key !== 'casefile_id'))('does not exist if the key %s is absent', (key) => {
    const { [key]: _, ...rest } = given;
    expect(rowOf({ ...rest, casefile_id })).toMatchObject({ withChart: 0, rows: [{ chart: null }] });
  });

  it.each([
    ['a date', { dob: '2026-02-30' }],
    ['a text', { discharge_or_transition_name: { x: 1 } }],
    ['a number that JSON has rounded', { mr_number: 2 ** 53 }],
  ])('does not exist if %s is unreadable', (_, wrong) => {
    expect(rowOf({ ...given, casefile_id, ...wrong })).toMatchObject({
      refused: 0,
      withChart: 0,
      rows: [{ chart: null }],
    });
  });

  it('equals the chart of the chart call for the same data', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ' \t', '\u00a0', ' \u201cOak\u201d\tHouse ', 'UR LOC: IOP', '\ud800'),
      fc.integer(),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    const date = day.chain((at) =>
      fc.constantFrom(
        at.toISOString().slice(0, 10),
        at.toISOString().slice(0, 19).replace('T', ' '),
        at.toISOString().replace('Z', '-05:00'),
        '0000-00-00',
        '',
      ),
    );
    const wrong = fc.oneof(fc.boolean(), fc.constant([]), fc.constant({ x: 1 }), fc.constant('2026-02-30'));
    const value = (key: string) =>
      fc.oneof(
        { weight: 8, arbitrary: /date|dob|_at$/.test(key) ? date : text },
        { weight: 3, arbitrary: fc.constant(null) },
      );
    const id = fc.constantFrom(casefile_id, casefile_id.toUpperCase(), ` ${casefile_id}\n`);
    const fields = Object.fromEntries(chartKeys.map((key) => [key, key === 'casefile_id' ? id : value(key)]));
    const anyKey = fc.constantFrom(...chartKeys.filter((key) => key !== 'casefile_id'));
    const quirk = fc.oneof(fc.constant(null), fc.tuple(anyKey, wrong));
    let [equal, unreadable] = [0, 0];
    fc.assert(
      fc.property(fc.record(fields), quirk, (patient, one) => {
        const raw = JSON.parse(JSON.stringify(one === null ? patient : { ...patient, [one[0]]: one[1] }));
        const answered = chartResponse.safeParse({ patient: raw });
        const { rows, withChart } = rowOf(raw);
        expect(rows).toHaveLength(1);
        expect(rows[0]?.chart).toEqual(answered.data ?? null);
        expect(withChart).toBe(answered.success ? 1 : 0);
        if (answered.success) {
          equal += 1;
          const { casefileId, lastUpdatedAt, dischargeDate, locationId, locationName } = answered.data;
          const ofRow = { casefileId, masterId, lastUpdatedAt, dischargeDate, locationId, locationName };
          expect(rows[0]).toEqual({ ...ofRow, chart: answered.data });
        } else {
          unreadable += 1;
        }
      }),
      { numRuns: 300 },
    );
    // The property proves nothing unless both kinds occur.
    expect([equal > 50, unreadable > 20]).toEqual([true, true]);
  });
});

describe('parseCasefileId', () => {
  it.each([casefile_id, casefile_id.toUpperCase(), `\t${casefile_id} `])('normalizes %j', (text) => {
    const parsed = parseCasefileId(text);
    expect(parsed).toEqual({ casefileId: casefile_id, patientNumber: '4101', masterId });
    expect(parseCasefileId(parsed?.casefileId ?? '')).toEqual(parsed);
    expect(masterIdOf(casefile_id)).toBe(masterId);
  });

  it.each(['', '4101', ':', '4101:', masterId, `${casefile_id}0`, `x${casefile_id}`, `4101::${masterId}`])(
    'returns null for %j',
    (text) => expect(parseCasefileId(text)).toBeNull(),
  );
});

describe('A location', () => {
  it.each<[unknown, boolean]>([
    [undefined, true],
    [null, true],
    [true, true],
    ['true', true],
    [1, true],
    [false, false],
    ['False', false],
    ['0', false],
    [0, false],
  ])('enabled %j means %j', (enabled, expected) => {
    const locations = [{ location_id: 3, location_name: ' Oak House ', enabled }];
    expect(locationsResponse.parse({ locations })).toEqual([{ id: '3', name: 'Oak House', enabled: expected }]);
  });

  it('can have no name but must have an id', () => {
    expect(locationsResponse.parse({ locations: [{ location_id: '3' }] })).toEqual([
      { id: '3', name: '', enabled: true },
    ]);
    const refused = locationsResponse.safeParse({ locations: [{ location_name: 'marked' }] });
    expect(refused.error?.issues[0]?.path).toEqual(['locations', 0, 'location_id']);
  });
});
