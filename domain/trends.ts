import { laterDay, shiftDay } from './calendar.ts';
import { type Discharge, dischargeClass } from './day.ts';

/** How long from discharge to referral, in milliseconds; null where nothing was measured. */
interface Times {
  measured: number;
  median: number | null;
  /** Nine of ten took at most this long. */
  p90: number | null;
}

/** The discharges of some days. */
export interface Period {
  from: string;
  to: string;
  discharged: number;
  /** Those whose record was ever held. */
  locked: number;
  times: Times;
}

export interface Trends {
  whole: Period;
  /** The weeks, oldest first. The first one may be shorter. */
  weeks: Period[];
  /** Where patients went, most first; all others together come last, as `null`. */
  destinations: { name: string | null; n: number }[];
}

const DESTINATIONS_SHOWN = 8;

/**
 * Returns the trends of the last days up to `until`, in weeks. Times are measured from `measuredFrom` on: before the first run
 * there were no referrals.
 */
export function trendsOf(
  discharges: readonly Discharge[],
  { until, days, measuredFrom }: { until: string; days: number; measuredFrom: Date | null },
): Trends {
  const from = shiftDay(until, 1 - days);
  const within = discharges.filter(({ day }) => day >= from && day <= until);
  const period = (first: string, last: string): Period => {
    const of = within.filter(({ day }) => day >= first && day <= last);
    return {
      ...{ from: first, to: last, discharged: of.length },
      locked: of.filter(({ wasLocked }) => wasLocked).length,
      times: timesOf(of, measuredFrom),
    };
  };
  const weeks: Period[] = [];
  for (let last = until; last >= from; last = shiftDay(last, -7)) {
    weeks.unshift(period(laterDay(shiftDay(last, -6), from), last));
  }
  return { whole: period(from, until), weeks, destinations: destinationsOf(within) };
}

function timesOf(discharges: readonly Discharge[], measuredFrom: Date | null): Times {
  const sorted = discharges
    // The referral of a locked record is from before the discharge.
    .filter((discharge) => dischargeClass(discharge) === 'referred')
    .flatMap(({ at, referredAt, timed }) =>
      referredAt === null || !timed || measuredFrom === null || at < measuredFrom
        ? []
        : // A referral may be older than the discharge: the destination was named before.
          [Math.max(0, referredAt.getTime() - at.getTime())],
    )
    .sort((a, b) => a - b);
  return { measured: sorted.length, median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}

/** Returns the smallest of the sorted values that at least this share of them does not exceed; null for none. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? null;
}

function destinationsOf(discharges: readonly Discharge[]): Trends['destinations'] {
  const named = discharges.filter(({ destination, isInternal }) => destination !== '' && !isInternal);
  const groups = Map.groupBy(named, ({ destination }) => destination.toLocaleLowerCase('en-US').normalize('NFC'));
  const counted = [...groups.values()]
    .map((of) => ({ name: of[0]?.destination ?? null, n: of.length }))
    .sort((a, b) => b.n - a.n || (a.name ?? '').localeCompare(b.name ?? '', 'en-US'));
  const others = counted.slice(DESTINATIONS_SHOWN).reduce((sum, { n }) => sum + n, 0);
  return [...counted.slice(0, DESTINATIONS_SHOWN), ...(others === 0 ? [] : [{ name: null, n: others }])];
}
