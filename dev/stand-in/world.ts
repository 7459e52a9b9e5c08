import { Book, type ChangeEvent } from './book.ts';
import { masterIdOf, type Patch, type StandInChart } from './chart.ts';
import { makeChart } from './charts.ts';
import { readDate } from './dates.ts';
import { type Premises, premisesOf, type StandInInstanceSpec } from './instances.ts';
import { MOULDS, type Mould } from './kinds.ts';
import { invent, type Person } from './people.ts';
import { type Chance, chanceOf } from './random.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** Something in a chart changed: the one event that a webhook sender needs. Carries no patient data but the id. */
export interface ChartChange {
  instance: string;
  casefileId: string;
  event: ChangeEvent;
  /** What `last_updated_at` now says. */
  at: Date;
}

/** One instance: what never changes, and its charts. */
export interface Site {
  name: string;
  premises: Premises;
  book: Book;
}

export interface Beginning {
  seed: number;
  /** Charts per instance. */
  charts: number;
  bornAt: Date;
  instances: readonly StandInInstanceSpec[];
}

/** Lays out every instance with the charts of its birth; the same beginning gives the same sites, byte for byte. */
export function bearSites(beginning: Beginning, onChange: (change: ChartChange) => void): Site[] {
  return beginning.instances.map((spec, place) => {
    const { name } = spec;
    const first = chanceOf(beginning.seed, name, 'numbers').int(200, 900);
    const book = new Book(first, (casefileId, event, at) => onChange({ instance: name, casefileId, event, at }));
    const site = { name, premises: premisesOf(beginning.seed, spec, place), book };
    let leaver: StandInChart | null = null;
    for (let index = 0; index < (spec.charts ?? beginning.charts); index += 1) {
      const chance = chanceOf(beginning.seed, name, 'chart', index);
      const mould = MOULDS[index % MOULDS.length];
      if (!mould) throw new RangeError('no charts are described');
      const comesBack = mould.kind === 'readmission' ? leaver : null;
      const after = readDate(comesBack?.patient.discharge_date) ?? undefined;
      const chart = admit(site, mould, chance, timelineOf(mould, beginning.bornAt, chance, after), comesBack);
      if (mould.kind === 'discharged') leaver = chart;
    }
    return site;
  });
}

/**
 * Opens a new chart in an instance.
 * @param leaver a former chart of the person, for a readmission; null invents somebody
 * @param fields values that win over what is made, the casefile id too
 */
export function admit(
  { premises, book }: Site,
  mould: Mould,
  chance: Chance,
  times: Timeline,
  leaver: StandInChart | null,
  fields: Patch = {},
): StandInChart {
  const person = leaver ? personOf(leaver) : invent(chance, mould.kind === 'nearly-test');
  const chart = makeChart({ premises, mould, person, times, number: book.nextNumber(), chance });
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
