import { chartKeys, dateKeys, type KipuChart, patient, patientChart } from './chart.ts';
import { type DateForm, type DateShape, dateForms, dateShape } from './dateShape.ts';

/** Yes-or-no questions about a chart, by name. Only how often the answer was yes leaves a `Sampler`. */
export type Questions<Question extends string> = Record<Question, (chart: KipuChart) => boolean>;

/** What patient objects are like. Numbers and names of KIPU's keys: no value of any of them. */
export interface ShapeFacts<Question extends string> {
  /** Objects that were looked at. */
  seen: number;
  /** Each key of a chart but its id: how many objects have it, with something in it, as a JSON number, and as digits in a string. */
  keys: Record<string, { present: number; filled: number; numbers: number; digits: number }>;
  /** Keys that hold a value which cannot be read, and in how many objects. */
  unreadable: Record<string, number>;
  /** Each key of a date: in how many objects it has which form, and says midnight as written. */
  dates: Record<string, Record<DateForm | 'midnight', number>>;
  /** For how many objects the answer to a question was yes. An absent key counts as empty. */
  yes: Record<Question, number>;
}

/** One patient object, read as far as it can be. Stays in this folder. */
export interface Looked {
  /** Null where not even the casefile id can be read. */
  chart: KipuChart | null;
  /** Values by KIPU's keys, only of keys that are there and readable, the casefile id apart. */
  values: Record<string, unknown>;
  unreadable: string[];
  dates: { key: string; shape: DateShape }[];
}

const besidesId = patient.omit({ casefile_id: true });

/** Reads a patient object of a list or of a chart's answer. A value that cannot be read counts as absent. */
export function look(raw: object): Looked {
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

/** Counts what patient objects are like. */
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

  add(raw: object, { chart, values, unreadable, dates }: Looked): void {
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

  /** The questions whose answer is yes. */
  answered(chart: KipuChart | null): Question[] {
    const names = Object.keys(this.#questions) as Question[];
    return chart === null ? [] : names.filter((name) => this.#questions[name](chart));
  }

  facts(): ShapeFacts<Question> {
    return structuredClone(this.#facts);
  }
}
