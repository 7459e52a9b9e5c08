import type { ReferralZone } from '../../client/disclose.ts';
import type { SignedInUser } from '../../domain/role.ts';
import { DEFAULT_ZONE, dayIn, type TimeZones, zoneAt } from '../../domain/time.ts';
import type { RecordDocument } from '../../store/documents.ts';
import type { ListedReferral } from '../../store/referralLists.ts';
import type { StaffContext } from './context.ts';

interface Named extends TimeZones {
  name: string;
}

/** Returns the time zone in which times of an instance are shown, or of one of its locations. */
export type ZoneOf = (instance: string, locationId?: string | null) => string;

/** Returns the zones according to the settings. Times of an instance that the settings no longer name are shown in UTC. */
export function zonesOf(settings: { readonly instances: readonly Named[] }): ZoneOf {
  return (instance, locationId = null) => {
    const zones = settings.instances.find(({ name }) => name === instance);
    return zones === undefined ? DEFAULT_ZONE : zoneAt(zones, locationId);
  };
}

/** Returns today's day in the zone of each instance. */
export function todayOf(staff: Pick<StaffContext, 'instances' | 'now'>): (instance: string) => string {
  const zoneOf = zonesOf(staff);
  return (instance) => dayIn(staff.now(), zoneOf(instance));
}

/** Returns the zone of the clinic of a referral, by whose days its consent begins and ends. */
export function clinicZone(staff: Pick<StaffContext, 'instances'>): ReferralZone {
  const zoneOf = zonesOf(staff);
  return ({ instance, facility }) => zoneOf(instance, facility.locationId);
}

/** Returns the zone of a record: that of its location when its chart was last read. */
export function recordZone(
  zoneOf: ZoneOf,
  { instance, timeZone }: Pick<RecordDocument, 'instance' | 'timeZone'>,
): string {
  return timeZone ?? zoneOf(instance);
}

/** Returns the zones of these referrals: those of their records. */
export async function readReferralZones(
  staff: Pick<StaffContext, 'store' | 'instances'>,
  referrals: readonly ListedReferral[],
): Promise<(referral: ListedReferral) => string> {
  const known = await staff.store.records.zonesOf(referrals.map(({ _id }) => _id));
  const zoneOf = zonesOf(staff);
  return ({ _id, instance, facility }) => known.get(_id) ?? zoneOf(instance, facility.locationId);
}

/** Returns the zone of what belongs to no instance: the person's own, else the one that all instances share, otherwise UTC. */
export function personZone({ timeZone }: Pick<SignedInUser, 'timeZone'>, instances: readonly Named[]): string {
  return timeZone ?? serviceZone(instances);
}

/** Returns the zones of times in lists of several instances: the person's own, else those of the instances. */
export function listZones(
  who: Pick<SignedInUser, 'timeZone'>,
  settings: { readonly instances: readonly Named[] },
): ZoneOf {
  const { timeZone } = who;
  return timeZone === undefined ? zonesOf(settings) : () => timeZone;
}

/** Returns the zone of pages that belong to no instance and no person: the one that all instances share, otherwise UTC. */
export function serviceZone(instances: readonly Named[]): string {
  const [zone = DEFAULT_ZONE, ...others] = new Set(instances.map(({ timeZone = DEFAULT_ZONE }) => timeZone));
  return others.length === 0 ? zone : DEFAULT_ZONE;
}
