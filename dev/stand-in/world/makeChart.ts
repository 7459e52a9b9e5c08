import type { DateForms, Destination, Json, RawPatient, StandInChart } from './chart.ts';
import { DAY, localDay, writeDate, writeLocalDay } from './dates.ts';
import type { InstanceLayout } from './layout.ts';
import { facility, type Person } from './people.ts';
import { dressed, emptyValue, noDate, numeric, onlyBlanks, stray } from './quirks.ts';
import type { Chance } from './random.ts';
import type { ChartTemplate } from './templates.ts';
import type { Timeline } from './timeline.ts';
import { DISCHARGE_TYPES, INSURERS, LEVELS_OF_CARE, PAYMENTS, REFERRERS } from './vocabulary.ts';

/** What a new chart is made from. */
export interface ChartParts {
  layout: InstanceLayout;
  template: ChartTemplate;
  person: Person;
  times: Timeline;
  /** The number before the colon in the casefile id. */
  number: number;
  chance: Chance;
}

/** Returns a new chart, with the quirks of KIPU's data. */
export function makeChart(parts: ChartParts): StandInChart {
  const { layout, template, person, times, number, chance } = parts;
  const { timeZone } = layout;
  const forms: DateForms = {
    admission: chance.pick(['day', 'time', 'offset']),
    discharge: chance.pick(['day', 'time', 'offset']),
    stamp: chance.pick(['time', 'offset']),
  };
  const casefileId = `${number}:${person.masterId}`;
  const patient: RawPatient = {
    casefile_id: casefileId,
    ...identity(parts, forms),
    ...discharge(parts, forms),
    ...stay(parts),
    created_at: writeDate(times.created, forms.stamp, timeZone),
    last_updated_at: writeDate(times.updated, forms.stamp, timeZone),
  };
  if (template.missing) Object.assign(patient, { [template.missing]: emptyValue(chance) });
  if (template.placeholder) {
    Object.assign(patient, {
      [template.placeholder]: template.placeholder === 'mr_number' ? `TEST-${number}` : 'TEST',
    });
  }
  const destinationBefore = destination(null, null);
  return {
    casefileId,
    kind: template.kind,
    vaulted: false,
    updatedAt: times.updated,
    forms,
    destinationBefore,
    patient,
  };
}

function identity({ layout, person, times, number, chance }: ChartParts, forms: DateForms) {
  const record = 20_000 + number;
  return {
    mr_number: layout.numbersAsText ? `${record}-${chance.int(1, 9)}` : record,
    first_name: stray(person.firstName, chance),
    middle_name: person.middleName ?? emptyValue(chance),
    last_name: stray(person.lastName, chance),
    dob: chance.odds(0.2) ? `${person.dob} 00:00:00` : person.dob,
    admission_date: writeLocalDay(localDay(times.admitted, layout.timeZone), forms.admission, layout.timeZone),
  };
}

function discharge(parts: ChartParts, forms: DateForms) {
  const { template, times, chance } = parts;
  const { timeZone } = parts.layout;
  const type = chance.pick(DISCHARGE_TYPES);
  const next = chance.odds(0.5) && template.destination !== 'none';
  const expected = new Date(times.admitted.getTime() + 30 * DAY);
  return {
    discharge_date: times.discharged ? writeDate(times.discharged, forms.discharge, timeZone) : noDate(chance),
    anticipated_discharge_date: chance.odds(0.5) ? writeDate(expected, 'day', timeZone) : noDate(chance),
    ...destinationOf(parts),
    discharge_type: times.discharged ? type.name : emptyValue(chance),
    discharge_type_code: times.discharged ? type.code : emptyValue(chance),
    level_of_care: chance.pick(LEVELS_OF_CARE),
    next_level_of_care: next ? chance.pick(LEVELS_OF_CARE) : emptyValue(chance),
    next_level_of_care_date: next ? writeDate(expected, forms.discharge, timeZone) : noDate(chance),
  };
}

function destinationOf({ layout, template, chance }: ChartParts) {
  if (template.destination === 'none') return destination(null, emptyValue(chance));
  if (template.destination === 'blank') return destination(null, onlyBlanks(chance));
  const { id, name } = template.destination === 'internal' ? chance.pick(layout.locations) : facility(chance);
  const typed = chance.odds(0.5) ? name.replaceAll("'", '\u2019') : name;
  return destination(
    numeric(id, layout.numbersAsText),
    template.destination === 'dressed' ? dressed(name, chance) : stray(typed, chance),
  );
}

/** Returns the two fields for the place that a patient is discharged to. */
export function destination(id: Json, name: Json): Destination {
  return { discharge_or_transition_id: id, discharge_or_transition_name: name };
}

function stay({ layout, chance }: ChartParts) {
  const location = chance.pick(layout.locations.filter(({ enabled }) => enabled));
  const payment = chance.pick(PAYMENTS);
  return {
    program: stray(chance.pick(['Adult', 'Young Adult', 'Professionals']), chance),
    location_id: numeric(location.id, layout.numbersAsText),
    location_name: location.name,
    building_name: chance.pick(['Main', 'East', emptyValue(chance)]),
    room_name: String(chance.int(101, 240)),
    bed_name: chance.pick(['A', 'B', emptyValue(chance)]),
    insurance_company: payment.method === 'Insurance' ? chance.pick(INSURERS) : emptyValue(chance),
    payment_method: payment.method,
    payment_method_category: payment.category,
    referrer_name: chance.odds(0.7) ? stray(chance.pick(REFERRERS), chance) : emptyValue(chance),
    first_contact_name: emptyValue(chance),
    date_of_death: noDate(chance),
  };
}
