import type { Patch, StandInChart } from './chart.ts';
import { destination } from './charts.ts';
import { writeDate } from './dates.ts';
import type { Mould } from './kinds.ts';
import { facility } from './people.ts';
import { dressed, isBlank, nothing, numeric, onlyBlanks, stray } from './quirks.ts';
import { type Chance, chanceOf } from './random.ts';
import { DISCHARGE_TYPES } from './words.ts';
import { admit, type Site } from './world.ts';

/** A thing that staff do to a chart that is there. */
interface Deed {
  /** How often, against the others. */
  weight: number;
  fits(chart: StandInChart): boolean;
  patch(chart: StandInChart, site: Site, at: Date, chance: Chance): Patch;
}

const goesSomewhere = ({ patient }: StandInChart) => !isBlank(patient.discharge_or_transition_name);
const isDischarged = ({ patient }: StandInChart) => !isBlank(patient.discharge_date);

const DEEDS: Record<'plan' | 'discharge' | 'correct' | 'takeBack' | 'clear', Deed> = {
  plan: {
    weight: 4,
    fits: (chart) => !goesSomewhere(chart),
    patch: (_, site, __, chance) => towards(site, chance, chance.odds(0.1)),
  },
  discharge: {
    weight: 4,
    fits: (chart) => goesSomewhere(chart) && !isDischarged(chart),
    patch: ({ hand }, _, at, chance) => {
      const { name, code } = chance.pick(DISCHARGE_TYPES);
      const discharged = writeDate(at, hand.discharge, hand.offsetMinutes);
      return { discharge_date: discharged, discharge_type: name, discharge_type_code: code };
    },
  },
  correct: {
    weight: 2,
    fits: goesSomewhere,
    patch: ({ patient }, site, _, chance) =>
      towards(site, chance, false, String(patient.discharge_or_transition_name).trim()),
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
    patch: (_, __, ___, chance) => destination(null, chance.odds(0.3) ? onlyBlanks(chance) : nothing(chance)),
  },
};

const ADMISSION: Mould = { kind: 'admitted', destination: 'none', discharge: 'none' };
const DRAWN = Object.values(DEEDS).flatMap((deed) => Array.from({ length: deed.weight }, () => deed));
const ADMISSION_ODDS = 0.2;

/**
 * Lets staff do one thing somewhere. The same seed, tick and charts give the same deed, whatever the clock says.
 * @param tick the number of this thing in the stand-in's life, from 1
 * @param at when it is done
 */
export function liveOnce(sites: readonly Site[], seed: number, tick: number, at: Date): void {
  const chance = chanceOf(seed, 'tick', tick);
  const site = chance.pick(sites);
  const charts = site.book.all().filter(({ vaulted, kind }) => !vaulted && kind !== 'test');
  const deed = chance.odds(ADMISSION_ODDS) ? null : chance.pick(DRAWN);
  const fitting = deed ? charts.filter((chart) => deed.fits(chart)) : [];
  if (deed && fitting.length > 0) {
    const chart = chance.pick(fitting);
    site.book.edit(chart.casefileId, deed.patch(chart, site, at, chance), at);
    return;
  }
  const leavers = charts.filter((chart) => chart.kind === 'discharged' && isDischarged(chart));
  const leaver = chance.odds(0.15) && leavers.length > 0 ? chance.pick(leavers) : null;
  admit(site, ADMISSION, chance, { created: at, admitted: at, discharged: null, updated: at }, leaver);
}

function towards({ premises }: Site, chance: Chance, internal: boolean, other?: string): Patch {
  const { id, name } = internal ? chance.pick(premises.locations) : facility(chance, other);
  return destination(
    numeric(id, premises.numbersAsText),
    chance.odds(0.1) ? dressed(name, chance) : stray(name, chance),
  );
}
