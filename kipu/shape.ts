import { chartKeys, dateKeys, type KipuChart, patient, patientChart } from './chart.ts';
import { parseDate } from './fields.ts';

/** Yes-or-no questions about a chart, by name. A `Sampler` reveals only how often the answer was yes. */
export type Questions<Question extends string> = Record<Question, (chart: KipuChart) => boolean>;

/** The shape of patient objects, in numbers and names of KIPU's keys. No value of any key. */
export interface ShapeFacts<Question extends string> {
  /** Objects that were read. */
  seen: number;
  /** For each key of a chart except its id: in how many objects it is present, filled, a JSON number, digits in a string. */
  keys: Record<string, { present: number; filled: number; numbers: number; digits: number }>;
  /** Keys whose value cannot be read, and in how many objects. */
  unreadable: Record<string, number>;
  /** For each key of a date: in how many objects it has each form, and how many show midnight as written. */
  dates: Record<string, Record<DateForm | 'midnight', number>>;
  /** For how many objects the answer to each question was yes. An absent key counts as empty. */
  yes: Record<Question, number>;
}

/** One patient object, as far as it can be read. Never leaves this folder. */
export interface ReadPatient {
  /** Null if the casefile id cannot be read. */
  chart: KipuChart | null;
  /** Values by KIPU's keys, without the casefile id. Keys that are absent or unreadable are left out. */
  values: Record<string, unknown>;
  unreadable: string[];
  dates: { key: string; shape: DateShape }[];
}

const besidesId = patient.omit({ casefile_id: true });

/** Reads a patient object from a list or from a chart's response. A value that cannot be read counts as absent. */
export function readPatient(raw: object): ReadPatient {
  const { casefile_id, ...given } = raw as Record<string, unknown>;
  const issues = besidesId.safeParse(given).error?.issues ?? [];
  const unreadable = [...new Set(issues.map(({ path }) => String(path[0])))];
  for (const key of unreadable) delete given[key];
  const dates = dateKeys.flatMap((key) => {
    const value = given[key];
    const shape = typeof value === 'string' ? dateShape(value) : null;
    return shape === null ? [] : [{ key, shape }];
  });
  const read = Object.entries(besidesId.parse(given)).filter(([key]) => Object.hasOwn(given, key));
  return {
    chart: patientChart.safeParse({ ...given, casefile_id }).data ?? null,
    values: Object.fromEntries(read),
    unreadable,
    dates,
  };
}

const COUNTED_KEYS = chartKeys.filter((key) => key !== 'casefile_id');

/** Counts the keys, types and date forms of patient objects. */
export class Shape<Question extends string> {
  readonly #questions: Questions<Question>;
  readonly #facts: ShapeFacts<Question>;

  constructor(questions: Questions<Question>) {
    this.#questions = questions;
    const noDates = { ...Object.fromEntries(dateForms.map((form) => [form, 0])), midnight: 0 } as Record<
      DateForm | 'midnight',
      number
    >;
    this.#facts = {
      seen: 0,
      keys: Object.fromEntries(COUNTED_KEYS.map((key) => [key, { present: 0, filled: 0, numbers: 0, digits: 0 }])),
      unreadable: {},
      dates: Object.fromEntries(dateKeys.map((key) => [key, { ...noDates }])),
      yes: Object.fromEntries(Object.keys(questions).map((name) => [name, 0])) as Record<Question, number>,
    };
  }

  add(raw: object, { chart, values, unreadable, dates }: ReadPatient): void {
    const facts = this.#facts;
    const given = raw as Record<string, unknown>;
    facts.seen += 1;
    for (const [key, count] of Object.entries(facts.keys)) {
      if (Object.hasOwn(given, key)) count.present += 1;
      if ((values[key] ?? null) !== null || unreadable.includes(key)) count.filled += 1;
      const value = given[key];
      if (typeof value === 'number') count.numbers += 1;
      if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) count.digits += 1;
    }
    for (const key of unreadable) facts.unreadable[key] = (facts.unreadable[key] ?? 0) + 1;
    for (const { key, shape } of dates) {
      const forms = facts.dates[key];
      if (forms === undefined) continue;
      forms[shape.form] += 1;
      if (shape.midnight) forms.midnight += 1;
    }
    for (const name of this.answered(chart)) facts.yes[name] += 1;
  }

  /** Returns the questions whose answer is yes. */
  answered(chart: KipuChart | null): Question[] {
    const names = Object.keys(this.#questions) as Question[];
    return chart === null ? [] : names.filter((name) => this.#questions[name](chart));
  }

  facts(): ShapeFacts<Question> {
    return structuredClone(this.#facts);
  }
}

/** How a date is written: a day; a day and a clock time; an instant in UTC; an instant with an offset from UTC. */
const dateForms = ['day', 'clock', 'utc', 'offset'] as const;
type DateForm = (typeof dateForms)[number];

/** A date and its form. `instant` reads a clock time without a zone as UTC. */
export interface DateShape {
  form: DateForm;
  /** The clock shows 00:00:00 as written; false for a day. */
  midnight: boolean;
  instant: number;
  /** Minutes ahead of UTC; 0 unless the form is `offset`. */
  offsetMinutes: number;
}

const ZONE = /(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?)$/i;

/** Returns the shape of a date that `parseDate` can read; null for other texts. */
export function dateShape(text: string): DateShape | null {
  const parsed = parseDate(text);
  if (!parsed.ok || parsed.date === null) return null;
  const { date } = parsed;
  const instant = Date.parse(date.length === 19 ? `${date}Z` : date);
  if (date.length === 10) return { form: 'day', midnight: false, instant, offsetMinutes: 0 };
  const trimmed = text.trim();
  const midnight = /^00:00(?::00(?:[.,]0+)?)?(?!:|\d)/.test(trimmed.slice(11));
  if (date.length === 19) return { form: 'clock', midnight, instant, offsetMinutes: 0 };
  const [, , sign, hours = '0', minutes = '0'] = ZONE.exec(trimmed) ?? [];
  const offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { form: offsetMinutes === 0 ? 'utc' : 'offset', midnight, instant, offsetMinutes: offsetMinutes || 0 };
}
