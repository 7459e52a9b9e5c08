import { type Discharge, dischargeOf } from '../domain/day.ts';
import { addHours, instantOf, type TimeZones, zoneAt } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';

/** No clock is further from UTC. */
const FURTHEST_HOURS = 14;

type DischargeStore = {
  records: Pick<Store['records'], 'discharges'>;
  instances: Pick<Store['instances'], 'locations'>;
};

/** Reads the discharges of these days, of each location's own calendar, that have happened by `now`. */
export async function readDischarges(
  store: DischargeStore,
  instances: readonly { name: string; zones: TimeZones }[],
  { first, last, now }: { first: string; last: string; now: Date },
): Promise<Discharge[]> {
  const from = addHours(instantOf(first), -FURTHEST_HOURS);
  const after = addHours(instantOf(last), 24 + FURTHEST_HOURS);
  // A discharge at this very instant has happened.
  const before = new Date(Math.min(after.getTime(), now.getTime() + 1));
  const found = await Promise.all(
    instances.map(async ({ name, zones }) => {
      const [stored, own] = await Promise.all([
        store.records.discharges(name, { from, before }),
        store.instances.locations(name),
      ]);
      return stored.map((facts) => dischargeOf({ ...facts, zone: facts.zone ?? zoneAt(zones, null) }, own));
    }),
  );
  return found.flat().filter(({ day }) => day >= first && day <= last);
}
