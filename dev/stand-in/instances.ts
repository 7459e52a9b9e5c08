import { masterIdOf, type Patch, type StandInChart } from './chart.ts';
import { type ChangeEvent, ChartBook } from './chartBook.ts';
import { makeChart } from './charts.ts';
import { readDate } from './dates.ts';
import { type InstanceLayout, layoutOf, type StandInInstanceSpec } from './layout.ts';
import { invent, type Person } from './people.ts';
import { type Chance, chanceOf } from './random.ts';
import { DEFAULT_SETTINGS, type InstanceSettings } from './settings.ts';
import { type ChartTemplate, TEMPLATES } from './templates.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** Something in a chart changed: the one event that a webhook sender needs. Carries no patient data but the id. */
export interface ChartChange {
  instance: string;
  casefileId: string;
  event: ChangeEvent;
  /** What `last_updated_at` now says. */
  at: Date;
}

/** One instance: what never changes, its charts, and how it behaves at present. */
export interface Instance {
  name: string;
  layout: InstanceLayout;
  book: ChartBook;
  settings: InstanceSettings;
}

export interface Beginning {
  seed: number;
  /** Charts per instance. */
  charts: number;
  startedAt: Date;
  instances: readonly StandInInstanceSpec[];
}

/** Creates every instance with its first charts; the same beginning makes the same instances, byte for byte. */
export function createInstances(beginning: Beginning, onChange: (change: ChartChange) => void): Instance[] {
  return beginning.instances.map((spec, place) => {
    const { name } = spec;
    const layout = layoutOf(beginning.seed, spec, place);
    const first = chanceOf(beginning.seed, name, 'numbers').int(200, 900);
    const book = new ChartBook(first, layout.timeZone, (casefileId, event, at) =>
      onChange({ instance: name, casefileId, event, at }),
    );
    const instance = { name, layout, book, settings: DEFAULT_SETTINGS };
    let leaver: StandInChart | null = null;
    for (let index = 0; index < (spec.charts ?? beginning.charts); index += 1) {
      const chance = chanceOf(beginning.seed, name, 'chart', index);
      const template = TEMPLATES[index % TEMPLATES.length];
      if (!template) throw new RangeError('no charts are described');
      const comesBack = template.kind === 'readmission' ? leaver : null;
      const after = readDate(comesBack?.patient.discharge_date) ?? undefined;
      const times = timelineOf(template, beginning.startedAt, chance, after);
      const chart = admit(instance, template, chance, times, comesBack);
      if (template.kind === 'discharged') leaver = chart;
    }
    return instance;
  });
}

/**
 * Opens a new chart in an instance.
 * @param leaver a former chart of the person, for a readmission; null invents a person
 * @param fields values that win over what is made, the casefile id too
 */
export function admit(
  { layout, book }: Instance,
  template: ChartTemplate,
  chance: Chance,
  times: Timeline,
  leaver: StandInChart | null,
  fields: Patch = {},
): StandInChart {
  const person = leaver ? personOf(leaver) : invent(chance, template.kind === 'nearly-test');
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
