import { cleanDestination, isInternalTransfer } from './referral.ts';
import { localDate } from './time.ts';

/**
 * What became of a discharge. Each discharge has exactly one class:
 * - `referred`: it has an open referral.
 * - `transferred`: the destination is one of the instance's own locations.
 * - `noDestination`: the chart was read, and names no destination.
 * - `locked`: the record is held.
 * - `missing`: the chart lacks a required field.
 * - `unreadable`: the chart could not be read.
 * - `notRead`: the chart is being read, or its referral is not written yet.
 */
export const dischargeClasses = [
  'referred',
  'transferred',
  'noDestination',
  'locked',
  'missing',
  'unreadable',
  'notRead',
] as const;
export type DischargeClass = (typeof dischargeClasses)[number];

/** The statuses of records that count as discharges. Test charts and charts that were deleted in KIPU do not. */
export const dischargedStatuses = ['new', 'synced', 'notReady', 'held', 'unlocked', 'failed'] as const;
type DischargedStatus = (typeof dischargedStatuses)[number];

/** A discharge. */
export interface Discharge {
  /** The id of its record. */
  record: string;
  instance: string;
  location: string | null;
  status: DischargedStatus;
  at: Date;
  /** The clinic's day: that of its location. */
  day: string;
  /** Whether the chart says the time of day. A day without one counts from midnight. */
  timed: boolean;
  /** As the chart names it; '' for none. */
  destination: string;
  /** Whether the destination is one of the instance's own locations. */
  isInternal: boolean;
  /** When its open referral was first made; null without an open one. */
  referredAt: Date | null;
  /** Whether its record was ever held. */
  wasLocked: boolean;
}

/** What is stored of a discharge. */
export interface DischargeFacts extends Pick<Discharge, 'record' | 'instance' | 'location' | 'status' | 'at'> {
  zone: string;
  dischargeDate: string | null;
  destination: string | null;
  referredAt: Date | null;
  wasLocked: boolean;
}

/** Returns the discharge. `ownLocations` are the names of the instance's own locations. */
export function dischargeOf(
  { zone, dischargeDate, destination, ...facts }: DischargeFacts,
  ownLocations: readonly string[],
): Discharge {
  const name = cleanDestination(destination);
  const local = dischargeDate === null ? null : localDate(dischargeDate, zone);
  return {
    ...facts,
    day: dayIn(facts.at, zone),
    timed: local !== null && local.length > 10,
    destination: name,
    isInternal: isInternalTransfer(name, ownLocations),
  };
}

/** Returns the calendar day of an instant in the zone. */
export function dayIn(at: Date, zone: string): string {
  return (localDate(at.toISOString(), zone) ?? '').slice(0, 10);
}

/** Returns the class of a discharge. */
export function dischargeClass({
  status,
  referredAt,
  destination,
  isInternal,
}: Pick<Discharge, 'status' | 'referredAt' | 'destination' | 'isInternal'>): DischargeClass {
  switch (status) {
    case 'held':
      return 'locked';
    case 'notReady':
      return 'missing';
    case 'failed':
      return 'unreadable';
    case 'new':
    case 'unlocked':
      return 'notRead';
    case 'synced':
      if (referredAt !== null) return 'referred';
      if (destination === '') return 'noDestination';
      return isInternal ? 'transferred' : 'notRead';
  }
}

/** Returns true for a class that is not the end: somebody or something still has to act. */
export function isOpenClass(one: DischargeClass): boolean {
  return one === 'locked' || one === 'missing' || one === 'unreadable' || one === 'notRead';
}

/** The numbers of a day. `discharged` is the sum of the classes. */
export interface DayCounts {
  discharged: number;
  /** Discharges whose chart names a destination, in whatever class. */
  withDestination: number;
  classes: Record<DischargeClass, number>;
  /** Discharges of open classes. */
  open: number;
}

/** Counts discharges. */
export function countDischarges(discharges: readonly Discharge[]): DayCounts {
  const classes = Object.fromEntries(dischargeClasses.map((one) => [one, 0])) as Record<DischargeClass, number>;
  let [withDestination, open] = [0, 0];
  for (const discharge of discharges) {
    const one = dischargeClass(discharge);
    classes[one] += 1;
    if (isOpenClass(one)) open += 1;
    if (discharge.destination !== '') withDestination += 1;
  }
  return { discharged: discharges.length, withDestination, classes, open };
}

/** The numbers of one location. */
export interface PlaceCounts extends DayCounts {
  instance: string;
  location: string | null;
}

/** Counts discharges by location, sorted by instance and location. */
export function countPlaces(discharges: readonly Discharge[]): PlaceCounts[] {
  const places = Map.groupBy(discharges, ({ instance, location }) => JSON.stringify([instance, location]));
  return [...places.values()]
    .flatMap((of) => {
      const [first] = of;
      return first === undefined
        ? []
        : [{ instance: first.instance, location: first.location, ...countDischarges(of) }];
    })
    .sort(
      (a, b) =>
        a.instance.localeCompare(b.instance, 'en-US') || (a.location ?? '').localeCompare(b.location ?? '', 'en-US'),
    );
}
