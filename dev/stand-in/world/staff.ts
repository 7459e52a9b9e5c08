import type { Patch, StandInChart } from './chart.ts';
import { writeDate } from './dates.ts';
import { admit, type Instance } from './instances.ts';
import { destination } from './makeChart.ts';
import { facility } from './people.ts';
import { dressed, emptyValue, isBlank, numeric, onlyBlanks, stray } from './quirks.ts';
import { type Chance, chanceOf } from './random.ts';
import type { ChartTemplate } from './templates.ts';
import { DISCHARGE_TYPES } from './vocabulary.ts';

/** A change that staff make to an existing chart. */
interface StaffAction {
  /** How often it is drawn, relative to the others. */
  weight: number;
  fits(chart: StandInChart): boolean;
  patch(chart: StandInChart, instance: Instance, at: Date, chance: Chance): Patch;
}

const hasDestination = ({ patient }: StandInChart) => !isBlank(patient.discharge_or_transition_name);
const isDischarged = ({ patient }: StandInChart) => !isBlank(patient.discharge_date);

const ACTIONS: Record<'plan' | 'discharge' | 'correct' | 'revertDischarge' | 'clear', StaffAction> = {
  plan: {
    weight: 4,
    fits: (chart) => !hasDestination(chart),
    patch: (_, instance, __, chance) => destinationPatch(instance, chance, chance.odds(0.1)),
  },
  discharge: {
    weight: 4,
    fits: (chart) => hasDestination(chart) && !isDischarged(chart),
    patch: ({ forms }, { layout }, at, chance) => {
      const { name, code } = chance.pick(DISCHARGE_TYPES);
      const date = writeDate(at, forms.discharge, layout.timeZone);
      return { discharge_date: date, discharge_type: name, discharge_type_code: code };
    },
  },
  correct: {
    weight: 2,
    fits: hasDestination,
    patch: ({ patient }, instance, _, chance) =>
      destinationPatch(instance, chance, false, String(patient.discharge_or_transition_name).trim()),
  },
  revertDischarge: {
    weight: 1,
    fits: isDischarged,
    patch: (_, __, ___, chance) => ({
      discharge_date: chance.pick([null, '']),
      discharge_type: emptyValue(chance),
      discharge_type_code: emptyValue(chance),
    }),
  },
  clear: {
    weight: 1,
    fits: hasDestination,
    patch: (_, __, ___, chance) => ({
      ...destination(null, chance.odds(0.3) ? onlyBlanks(chance) : emptyValue(chance)),
    }),
  },
};

const ADMISSION: ChartTemplate = { kind: 'admitted', destination: 'none', discharge: 'none' };
const WEIGHTED_ACTIONS = Object.values(ACTIONS).flatMap((action) =>
  Array.from({ length: action.weight }, () => action),
);
const ADMISSION_ODDS = 0.2;

/**
 * Performs one staff action at one of the instances. The same seed, tick and charts lead to the same action at any time.
 * @param tick the number of this action since the stand-in's first start, from 1
 * @param at the time of the action
 */
export function actOnce(instances: readonly Instance[], seed: number, tick: number, at: Date): void {
  const chance = chanceOf(seed, 'tick', tick);
  const instance = chance.pick(instances);
  const charts = instance.book.all().filter(({ vaulted, kind }) => !vaulted && kind !== 'test');
  const action = chance.odds(ADMISSION_ODDS) ? null : chance.pick(WEIGHTED_ACTIONS);
  const fitting = action ? charts.filter((chart) => action.fits(chart)) : [];
  if (action && fitting.length > 0) {
    const chart = chance.pick(fitting);
    instance.book.edit(chart.casefileId, action.patch(chart, instance, at, chance), at);
    return;
  }
  const discharged = charts.filter((chart) => chart.kind === 'discharged' && isDischarged(chart));
  const former = chance.odds(0.15) && discharged.length > 0 ? chance.pick(discharged) : null;
  admit(instance, ADMISSION, chance, { created: at, admitted: at, discharged: null, updated: at }, former);
}

function destinationPatch({ layout }: Instance, chance: Chance, internal: boolean, other?: string): Patch {
  const { id, name } = internal ? chance.pick(layout.locations) : facility(chance, other);
  return {
    ...destination(numeric(id, layout.numbersAsText), chance.odds(0.1) ? dressed(name, chance) : stray(name, chance)),
  };
}
