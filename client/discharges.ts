import { shiftDay } from '../domain/calendar.ts';
import { type Discharge, dischargeClass, dischargeOf } from '../domain/day.ts';
import { addHours, instantOf, type TimeZones, zoneAt } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';

/** No clock is further from UTC. */
const FURTHEST_HOURS = 14;

type DischargeStore = {
  records: Pick<Store['records'], 'discharges'>;
  referrals: Pick<Store['referrals'], 'openOfDays' | 'openAmong'>;
};

/** An instance whose discharges are read. */
interface Clinic {
  name: string;
  zones: TimeZones;
  /** The names of its own locations. */
  locations: readonly string[];
}

/** Reads the discharges of these days, of each location's own calendar, that have happened by `now`. */
export async function readDischarges(
  store: DischargeStore,
  instances: readonly Clinic[],
  days: { first: string; last: string; now: Date },
): Promise<Discharge[]> {
  const found = (await Promise.all(instances.map((instance) => ofInstance(store, instance, days)))).flat();
  // A referral that was made from another date of discharge, or since it was looked for.
  const made = await store.referrals.openAmong(found.filter(lacksReferral).map(({ record }) => record));
  return found.map((one) => ({ ...one, referredAt: one.referredAt ?? made.get(one.record) ?? null }));
}

async function ofInstance(
  store: DischargeStore,
  { name, zones, locations }: Clinic,
  { first, last, now }: { first: string; last: string; now: Date },
): Promise<Discharge[]> {
  const from = addHours(instantOf(first), -FURTHEST_HOURS);
  const after = addHours(instantOf(last), 24 + FURTHEST_HOURS);
  // A discharge at this very instant has happened.
  const before = new Date(Math.min(after.getTime(), now.getTime() + 1));
  const [stored, made] = await Promise.all([
    store.records.discharges(name, { from, before }),
    // What KIPU sent in UTC may name the day before or after.
    store.referrals.openOfDays(name, { first: shiftDay(first, -1), last: shiftDay(last, 1) }),
  ]);
  return stored
    .map((facts) => {
      const referredAt = made.get(facts.record) ?? null;
      return dischargeOf({ ...facts, referredAt, zone: facts.zone ?? zoneAt(zones, null) }, locations);
    })
    .filter(({ day }) => day >= first && day <= last);
}

/** Returns true for a discharge that has to have a referral, and for which none was found. */
function lacksReferral(discharge: Discharge): boolean {
  return discharge.status === 'synced' && dischargeClass(discharge) === 'notRead';
}
