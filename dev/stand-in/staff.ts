import type { Patch, StandInChart } from './chart.ts';
import { destination } from './charts.ts';
import { writeDate } from './dates.ts';
import { admit, type Instance } from './instances.ts';
import { facility } from './people.ts';
import { dressed, isBlank, nothing, numeric, onlyBlanks, stray } from './quirks.ts';
import { type Chance, chanceOf } from './random.ts';
import type { ChartTemplate } from './templates.ts';
import { DISCHARGE_TYPES } from './vocabulary.ts';

/** Something that staff do to an existing chart. */
interface StaffAction {
  /** How often, against the others. */
  weight: number;
  fits(chart: StandInChart): boolean;
  patch(chart: StandInChart, instance: Instance, at: Date, chance: Chance): Patch;
}

const goesSomewhere = ({ patient }: StandInChart) => !isBlank(patient.discharge_or_transition_name);
const isDischarged = ({ patient }: StandInChart) => !isBlank(patient.discharge_date);

const ACTIONS: Record<'plan' | 'discharge' | 'correct' | 'takeBack' | 'clear', StaffAction> = {
  plan: {
    weight: 4,
    fits: (chart) => !goesSomewhere(chart),
    patch: (_, instance, __, chance) => towards(instance, chance, chance.odds(0.1)),
  },
  discharge: {
    weight: 4,
    fits: (chart) => goesSomewhere(chart) && !isDischarged(chart),
    patch: ({ forms }, { layout }, at, chance) => {
      const { name, code } = chance.pick(DISCHARGE_TYPES);
      const discharged = writeDate(at, forms.discharge, layout.timeZone);
      return { discharge_date: discharged, discharge_type: name, discharge_type_code: code };
    },
  },
  correct: {
    weight: 2,
    fits: goesSomewhere,
    patch: ({ patient }, instance, _, chance) =>
      towards(instance, chance, false, String(patient.discharge_or_transition_name).trim()),
  },
  takeBack: {
    weight: 1,
    fits: isDischarged,
    patch: (_, __, ___, chance) => ({
      discharge_date: chance.pick([null, '']),
      discharge_type: nothing(chance),
      discharge_type_code: nothing(chance),
    }),
  },
  clear: {
    weight: 1,
    fits: goesSomewhere,
    patch: (_, __, ___, chance) => ({ ...destination(null, chance.odds(0.3) ? onlyBlanks(chance) : nothing(chance)) }),
  },
};

const ADMISSION: ChartTemplate = { kind: 'admitted', destination: 'none', discharge: 'none' };
const DRAWN = Object.values(ACTIONS).flatMap((action) => Array.from({ length: action.weight }, () => action));
const ADMISSION_ODDS = 0.2;

/**
 * Lets staff do one thing somewhere. The same seed, tick and charts lead to the same action, whatever the clock says.
 * @param tick the number of this action in the stand-in's life, from 1
 * @param at when it is done
 */
export function actOnce(instances: readonly Instance[], seed: number, tick: number, at: Date): void {
  const chance = chanceOf(seed, 'tick', tick);
  const instance = chance.pick(instances);
  const charts = instance.book.all().filter(({ vaulted, kind }) => !vaulted && kind !== 'test');
  const action = chance.odds(ADMISSION_ODDS) ? null : chance.pick(DRAWN);
  const fitting = action ? charts.filter((chart) => action.fits(chart)) : [];
  if (action && fitting.length > 0) {
    const chart = chance.pick(fitting);
    instance.book.edit(chart.casefileId, action.patch(chart, instance, at, chance), at);
    return;
  }
  const leavers = charts.filter((chart) => chart.kind === 'discharged' && isDischarged(chart));
  const leaver = chance.odds(0.15) && leavers.length > 0 ? chance.pick(leavers) : null;
  admit(instance, ADMISSION, chance, { created: at, admitted: at, discharged: null, updated: at }, leaver);
}

function towards({ layout }: Instance, chance: Chance, internal: boolean, other?: string): Patch {
  const { id, name } = internal ? chance.pick(layout.locations) : facility(chance, other);
  return {
    ...destination(numeric(id, layout.numbersAsText), chance.odds(0.1) ? dressed(name, chance) : stray(name, chance)),
  };
}
