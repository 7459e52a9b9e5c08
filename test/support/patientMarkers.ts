import type { Patch } from '../../dev/stand-in/index.ts';

/** An invented patient whose fields have values that occur nowhere else. */
export interface MarkedPatient {
  fields: Patch & { casefile_id: string };
  /** The texts that must not be found anywhere. */
  marks: string[];
}

const NAMED = [
  ...['mr_number', 'first_name', 'middle_name', 'last_name', 'discharge_or_transition_id'],
  ...['discharge_or_transition_name', 'discharge_type', 'discharge_type_code', 'level_of_care', 'next_level_of_care'],
  ...['program', 'location_id', 'location_name', 'building_name', 'room_name', 'bed_name', 'insurance_company'],
  ...['payment_method', 'payment_method_category', 'referrer_name', 'first_contact_name', 'allergies'],
] as const;

/** Dates that occur nowhere else. */
const DATED: Patch = {
  dob: '1931-07-19',
  admission_date: '2003-04-11 04:13:29',
  anticipated_discharge_date: '2003-06-13',
  next_level_of_care_date: '2003-07-17',
  date_of_death: '2003-08-23',
  created_at: '2003-03-07 05:17:43',
};
/** Yesterday, so that KIPU lists the chart as changed. Other texts may have the same day, but not the same time. */
const UPDATED = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)} 03:19:47`;
const DISCHARGE = '2003-05-01 02:11:53';

let people = 0;

/** Returns a marked patient. `name` is part of every mark; `fields` replaces generated values. */
export function markedPatient(name: string, fields: Patch = {}): MarkedPatient {
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

/** Returns a marked patient who was discharged long ago. */
export function dischargedPatient(name: string): MarkedPatient {
  return markedPatient(name, { discharge_date: DISCHARGE });
}

/** A text that people outside the service can read, and its place. */
export interface ExposedText {
  place: string;
  text: string;
}

/** Returns the places of the texts that contain a mark: in any case, URL-encoded, escaped in JSON or in base64. */
export function placesContaining(mark: string, texts: readonly ExposedText[]): string[] {
  const plain = [
    mark,
    encodeURIComponent(mark),
    encodeURI(mark),
    mark.replaceAll(' ', '+'),
    JSON.stringify(mark).slice(1, -1),
  ];
  const lowercase = [...new Set(plain.map((form) => form.toLowerCase()))];
  const encoded = [0, 1, 2].map((shift) => inBase64(mark, shift));
  const found = texts.filter(({ text }) => {
    const lower = text.toLowerCase();
    return lowercase.some((form) => lower.includes(form)) || encoded.some((form) => text.includes(form));
  });
  return [...new Set(found.map(({ place }) => place))];
}

/** Returns the base64 characters of a mark at an offset of `shift` bytes; they do not depend on the bytes around it. */
function inBase64(mark: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(mark)]);
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(first, last);
}
