import { masterIdOf, type Patch, type StandInChart } from './chart.ts';
import { type ChangeEvent, ChartBook } from './chartBook.ts';
import { readDate } from './dates.ts';
import { type InstanceLayout, layoutOf, type StandInInstanceSpec } from './layout.ts';
import { makeChart } from './makeChart.ts';
import { invent, type Person } from './people.ts';
import { type Chance, chanceOf } from './random.ts';
import { DEFAULT_SETTINGS, type InstanceSettings } from './settings.ts';
import { type ChartTemplate, TEMPLATES } from './templates.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** A change of a chart: the event that the webhook sender needs. Has no patient data besides the id. */
export interface ChartChange {
  instance: string;
  casefileId: string;
  event: ChangeEvent;
  /** The new `last_updated_at`. */
  at: Date;
}

/** One instance: its fixed layout, its charts, and its current settings. */
export interface Instance {
  name: string;
  layout: InstanceLayout;
  book: ChartBook;
  settings: InstanceSettings;
}

export interface InitialState {
  seed: number;
  /** Charts per instance. */
  charts: number;
  startedAt: Date;
  instances: readonly StandInInstanceSpec[];
}

/** Creates every instance with its first charts; the same initial state makes the same instances, byte for byte. */
export function createInstances(initial: InitialState, onChange: (change: ChartChange) => void): Instance[] {
  return initial.instances.map((spec, place) => {
    const { name } = spec;
    const layout = layoutOf(initial.seed, spec, place);
    const first = chanceOf(initial.seed, name, 'numbers').int(200, 900);
    const book = new ChartBook(first, layout.timeZone, (casefileId, event, at) =>
      onChange({ instance: name, casefileId, event, at }),
    );
    const instance = { name, layout, book, settings: DEFAULT_SETTINGS };
    let former: StandInChart | null = null;
    for (let index = 0; index < (spec.charts ?? initial.charts); index += 1) {
      const chance = chanceOf(initial.seed, name, 'chart', index);
      const template = TEMPLATES[index % TEMPLATES.length];
      if (!template) throw new RangeError('there are no chart templates');
      const readmitted = template.kind === 'readmission' ? former : null;
      const after = readDate(readmitted?.patient.discharge_date) ?? undefined;
      const times = timelineOf(template, initial.startedAt, chance, after);
      const chart = admit(instance, template, chance, times, readmitted);
      if (template.kind === 'discharged') former = chart;
    }
    return instance;
  });
}

/**
 * Creates a chart in an instance.
 * @param former an earlier chart of the person, for a readmission; null invents a person
 * @param fields values that replace the generated ones, the casefile id too
 */
export function admit(
  { layout, book }: Instance,
  template: ChartTemplate,
  chance: Chance,
  times: Timeline,
  former: StandInChart | null,
  fields: Patch = {},
): StandInChart {
  const person = former ? personOf(former) : invent(chance, template.kind === 'nearly-test');
  const chart = makeChart({ layout, template, person, times, number: book.nextNumber(), chance });
  Object.assign(chart.patient, fields);
  chart.casefileId = String(chart.patient.casefile_id);
  chart.updatedAt = readDate(chart.patient.last_updated_at) ?? chart.updatedAt;
  book.add(chart);
  return chart;
}

function personOf({ casefileId, patient }: StandInChart): Person {
  const middle = String(patient.middle_name ?? '').trim();
  return {
    masterId: masterIdOf(casefileId),
    firstName: String(patient.first_name ?? '').trim(),
    middleName: middle === '' ? null : middle,
    lastName: String(patient.last_name ?? '').trim(),
    dob: String(patient.dob ?? '').slice(0, 10),
  };
}
