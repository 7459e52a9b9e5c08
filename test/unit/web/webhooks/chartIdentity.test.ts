import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartIdentity, eventNamed } from '../../../../web/webhooks/delivery.ts';

const id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const other = '4102:0ff1ce00-cafe-4bad-8dad-deadbeef0000';

/** Returns the id nested this many times. */
function wrapped(times: number): unknown {
  let body: unknown = { casefile_id: id };
  for (let i = 0; i < times; i += 1) body = { data: body };
  return body;
}

describe('chartIdentity', () => {
  it.each<[string, unknown]>([
    ["KIPU's own spelling", { casefile_id: id }],
    ['camel case', { casefileId: id }],
    ['capitals', { CasefileID: id }],
    ['dashes', { 'casefile-id': id }],
    ['upper case', { CASEFILE_ID: id }],
    ['blanks around it', { casefile_id: ` ${id}\n` }],
    ['another number beside it', { casefile_id: id, patient_id: 17 }],
    ['the chart as text', { casefile: id }],
    ['the id of the casefile', { casefile: { id } }],
    ['the id of the patient', { patient: { id } }],
    ['the id in an envelope', { type: 'chart.updated', data: { id } }],
    ['the id of the record', { record: { id, master: 'x' } }],
    ['an id in the patient', { patient: { casefile_id: id } }],
    ['an id in data and patient', { data: { patient: { casefile_id: id } } }],
    ['an id in a payload', { payload: { casefileId: id } }],
    ['an id in a record', { record: { casefile_id: id } }],
    ['an id in an event', { event: { data: { casefile_id: id } } }],
    ['an id in attributes', { data: { type: 'patients', attributes: { casefile_id: id } } }],
    ['an array of one', [{ casefile_id: id }]],
    ['an array of one inside', { data: [{ patient: { casefile_id: id } }] }],
    ['an id in capitals', { casefile_id: id.toUpperCase() }],
    ['an id in mixed letters', { patient: { id: id.replace('5ca1', '5Ca1') } }],
    ['the same id twice, in capitals first', { casefile_id: id.toUpperCase(), patient: { casefile_id: id } }],
    ['the same id twice', { casefile_id: id, patient: { casefile_id: id.toUpperCase() } }],
    ['a malformed id beside it', { casefile_id: '', patient: { casefile_id: id } }],
    ['nested six times', wrapped(6)],
  ])('finds the id with %s', (_, body) => {
    expect(chartIdentity(body)).toBe(id);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['null', null],
    ['a text', id],
    ['a number', 4101],
    ['an empty array', []],
    ['an array of two', [{ casefile_id: id }, { casefile_id: id }]],
    ['two different ones', { casefile_id: id, patient: { casefile_id: other } }],
    ['two different spellings', { casefile_id: id, casefileId: other }],
    ['an id without a uuid', { casefile_id: '4101' }],
    ['the master id alone', { casefile_id: id.slice(4) }],
    ['an id with more text behind it', { casefile_id: `${id}/../1` }],
    ['a query operator', { casefile_id: { $ne: null } }],
    ['the id of something else', { id, user: { id } }],
    ['a previous id', { previous_casefile_id: id }],
    ['an id in a key that holds no chart', { changes: { casefile_id: id } }],
    ['an id nested seven times', wrapped(7)],
    ['a prototype', JSON.parse(`{"__proto__":{"casefile_id":"${id}"}}`)],
  ])('finds none in %s', (_, body) => {
    expect(chartIdentity(body)).toBeNull();
  });

  it('accepts any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => chartIdentity(body) === null));
  });
});

describe('eventNamed', () => {
  it.each<[string, unknown, string | null]>([
    ['an event', { event: 'patient_created' }, 'patient-creation'],
    ['an event type in camel case', { eventType: 'ChartUpdated' }, 'chart-update'],
    [
      'a type of an envelope',
      { type: 'chart.updated', data: { casefile: { type: 'patient.created' } } },
      'chart-update',
    ],
    ['an event in a payload', { payload: [{ event_type: 'casefile.changed' }] }, 'chart-update'],
    ['both events', { event: 'patient_created', type: 'chart.updated' }, null],
    ['another event', { event: 'patient_discharged' }, null],
    ['a sentence', { event: 'the patient created an account and was updated' }, null],
    ['a type of the chart itself', { patient: { type: 'patient created' } }, null],
    ['nothing', {}, null],
    ['a text', 'patient_created', null],
  ])('reads %s', (_, body, expected) => {
    expect(eventNamed(body)).toBe(expected);
  });
});
