import type { Hand, Patch, RawPatient, StandInChart } from './chart.ts';
import { DAY, writeDate } from './dates.ts';
import type { Premises } from './instances.ts';
import type { Mould } from './kinds.ts';
import { facility, type Person } from './people.ts';
import { dressed, noDate, nothing, numeric, onlyBlanks, stray } from './quirks.ts';
import type { Chance } from './random.ts';
import type { Timeline } from './timeline.ts';
import { DISCHARGE_TYPES, INSURERS, LEVELS_OF_CARE, PAYMENTS, REFERRERS } from './words.ts';

/** All that goes into a new chart. */
export interface Making {
  premises: Premises;
  mould: Mould;
  person: Person;
  times: Timeline;
  /** The number before the colon of the casefile id. */
  number: number;
  chance: Chance;
}

/** Makes a chart, quirks and all. */
export function makeChart(making: Making): StandInChart {
  const { mould, person, times, number, chance } = making;
  const hand: Hand = {
    admission: chance.pick(['day', 'time', 'offset']),
    discharge: chance.pick(['day', 'time', 'offset']),
    stamp: chance.pick(['time', 'offset']),
    offsetMinutes: making.premises.offsetMinutes,
  };
  const casefileId = `${number}:${person.masterId}`;
  const patient: RawPatient = {
    casefile_id: casefileId,
    ...identity(making, hand),
    ...discharge(making, hand),
    ...stay(making),
    created_at: writeDate(times.created, hand.stamp, hand.offsetMinutes),
    last_updated_at: writeDate(times.updated, hand.stamp, hand.offsetMinutes),
  };
  if (mould.missing) Object.assign(patient, { [mould.missing]: nothing(chance) });
  if (mould.placeholder) {
    Object.assign(patient, { [mould.placeholder]: mould.placeholder === 'mr_number' ? `TEST-${number}` : 'TEST' });
  }
  return { casefileId, kind: mould.kind, vaulted: false, updatedAt: times.updated, hand, patient };
}

function identity({ premises, person, times, number, chance }: Making, hand: Hand) {
  const record = 20_000 + number;
  return {
    mr_number: premises.numbersAsText ? `${record}-${chance.int(1, 9)}` : record,
    first_name: stray(person.firstName, chance),
    middle_name: person.middleName ?? nothing(chance),
    last_name: stray(person.lastName, chance),
    dob: chance.odds(0.2) ? `${person.dob} 00:00:00` : person.dob,
    admission_date: writeDate(times.admitted, hand.admission, hand.offsetMinutes),
  };
}

function discharge(making: Making, hand: Hand) {
  const { mould, times, chance } = making;
  const type = chance.pick(DISCHARGE_TYPES);
  const next = chance.odds(0.5) && mould.destination !== 'none';
  const expected = new Date(times.admitted.getTime() + 30 * DAY);
  return {
    discharge_date: times.discharged ? writeDate(times.discharged, hand.discharge, hand.offsetMinutes) : noDate(chance),
    anticipated_discharge_date: chance.odds(0.5) ? writeDate(expected, 'day', 0) : noDate(chance),
    ...destinationOf(making),
    discharge_type: times.discharged ? type.name : nothing(chance),
    discharge_type_code: times.discharged ? type.code : nothing(chance),
    level_of_care: chance.pick(LEVELS_OF_CARE),
    next_level_of_care: next ? chance.pick(LEVELS_OF_CARE) : nothing(chance),
    next_level_of_care_date: next ? writeDate(expected, hand.discharge, hand.offsetMinutes) : noDate(chance),
  };
}

function destinationOf({ premises, mould, chance }: Making) {
  if (mould.destination === 'none') return destination(null, nothing(chance));
  if (mould.destination === 'blank') return destination(null, onlyBlanks(chance));
  const { id, name } = mould.destination === 'internal' ? chance.pick(premises.locations) : facility(chance);
  const typed = chance.odds(0.5) ? name.replaceAll("'", '\u2019') : name;
  return destination(
    numeric(id, premises.numbersAsText),
    mould.destination === 'dressed' ? dressed(name, chance) : stray(typed, chance),
  );
}

/** The two fields that say where a patient goes. */
export function destination(id: string | number | null, name: RawPatient['discharge_or_transition_name']) {
  return { discharge_or_transition_id: id, discharge_or_transition_name: name } satisfies Patch;
}

function stay({ premises, chance }: Making) {
  const location = chance.pick(premises.locations.filter(({ enabled }) => enabled));
  const payment = chance.pick(PAYMENTS);
  return {
    program: stray(chance.pick(['Adult', 'Young Adult', 'Professionals']), chance),
    location_id: numeric(location.id, premises.numbersAsText),
    location_name: location.name,
    building_name: chance.pick(['Main', 'East', nothing(chance)]),
    room_name: String(chance.int(101, 240)),
    bed_name: chance.pick(['A', 'B', nothing(chance)]),
    insurance_company: payment.method === 'Insurance' ? chance.pick(INSURERS) : nothing(chance),
    payment_method: payment.method,
    payment_method_category: payment.category,
    referrer_name: chance.odds(0.7) ? stray(chance.pick(REFERRERS), chance) : nothing(chance),
    first_contact_name: nothing(chance),
    date_of_death: noDate(chance),
  };
}
