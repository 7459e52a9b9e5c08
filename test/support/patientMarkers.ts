import type { Patch } from '../../dev/stand-in/index.ts';

/** An invented patient whose every field can be told from everything else that is ever written. */
export interface Marked {
  fields: Patch & { casefile_id: string };
  /** What must not be found anywhere. */
  marks: string[];
}

const NAMED = [
  ...['mr_number', 'first_name', 'middle_name', 'last_name', 'discharge_or_transition_id'],
  ...['discharge_or_transition_name', 'discharge_type', 'discharge_type_code', 'level_of_care', 'next_level_of_care'],
  ...['program', 'location_id', 'location_name', 'building_name', 'room_name', 'bed_name', 'insurance_company'],
  ...['payment_method', 'payment_method_category', 'referrer_name', 'first_contact_name', 'allergies'],
] as const;

/** Days on which nothing else happens here. */
const DATED: Patch = {
  dob: '1931-07-19',
  admission_date: '2003-04-11 04:13:29',
  anticipated_discharge_date: '2003-06-13',
  next_level_of_care_date: '2003-07-17',
  date_of_death: '2003-08-23',
  created_at: '2003-03-07 05:17:43',
};
/** Of yesterday, so that KIPU's list of changed charts has it: the day alone is in many texts, the whole is not. */
const UPDATED = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)} 03:19:47`;
const DISCHARGE = '2003-05-01 02:11:53';

let people = 0;

/** Marks a patient; `name` tells it from others, `fields` win. */
export function markedPatient(name: string, fields: Patch = {}): Marked {
  people += 1;
  const person = `feedc0de-5a1e-4b0b-8c0c-${String(people).padStart(12, '0')}`;
  const named = Object.fromEntries(NAMED.map((field) => [field, `Qz${field.replaceAll('_', '')} O'${name}zQ`]));
  const dates = [...Object.values(DATED), DISCHARGE].map(String);
  return {
    fields: { ...named, ...DATED, last_updated_at: UPDATED, ...fields, casefile_id: `4711${people}:${person}` },
    marks: [
      ...[...Object.values(named), ...dates, person, `4711${people}:`, UPDATED, UPDATED.replace(' ', 'T')],
      ...dates.flatMap((date) => date.split(' ')),
      ...Object.values(fields).flatMap((value) => (typeof value === 'string' && value.length > 4 ? [value] : [])),
    ],
  };
}

/** The same, discharged long ago. */
export function dischargedPatient(name: string): Marked {
  return markedPatient(name, { discharge_date: DISCHARGE });
}

/** A text that somebody outside may read, and where. */
export interface Seen {
  place: string;
  text: string;
}

/** Where a mark is found: as it is, in any case, encoded for an address, escaped in JSON or hidden in base64. */
export function placesContaining(mark: string, seen: readonly Seen[]): string[] {
  const plain = [
    mark,
    encodeURIComponent(mark),
    encodeURI(mark),
    mark.replaceAll(' ', '+'),
    JSON.stringify(mark).slice(1, -1),
  ];
  const folded = [...new Set(plain.map((form) => form.toLowerCase()))];
  const hidden = [0, 1, 2].map((shift) => inBase64(mark, shift));
  const found = seen.filter(({ text }) => {
    const lower = text.toLowerCase();
    return folded.some((form) => lower.includes(form)) || hidden.some((form) => text.includes(form));
  });
  return [...new Set(found.map(({ place }) => place))];
}

/** The letters of base64 that come of the mark whatever stands before it (`shift` bytes over) and behind. */
function inBase64(mark: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(mark)]);
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(first, last);
}
