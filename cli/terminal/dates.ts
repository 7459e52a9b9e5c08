import { DEFAULT_ZONE, localDate } from '../../domain/time.ts';
import { chartDateText, instantText } from '../../domain/timeText.ts';

/** A time zone, and whether times in it are shown with its name. */
export interface ShownZone {
  zone: string;
  named: boolean;
}

/** Returns the time zone of an instance. */
export type ZoneOf = (instance: string | null) => ShownZone;

/**
 * Returns a function that finds the time zone of an instance; for an unknown one it is UTC. Zones are named where instances
 * differ, and UTC always, because no clinic's clocks show it.
 */
export function zonesOf(instances: readonly { name: string; timeZone?: string | undefined }[]): ZoneOf {
  const zones = new Map(instances.map(({ name, timeZone }) => [name, timeZone ?? DEFAULT_ZONE]));
  const differ = new Set(zones.values()).size > 1;
  return (instance) => {
    const zone = zones.get(instance ?? '') ?? DEFAULT_ZONE;
    return { zone, named: differ || zone === DEFAULT_ZONE };
  };
}

/**
 * Formats an instant on the clocks of a clinic, as short as a table needs it: `Nov 5, 8:45 PM`, with the year unless it is this
 * year.
 */
export function shortTime(at: Date | null, { zone, named }: ShownZone, now: Date): string | null {
  return at === null ? null : instantText(at, zone, now, named);
}

/** Formats a date of a chart, which is in local time: `Nov 5`, or `Nov 5, 8:45 PM` where it has a time of day. */
export function shortDate(date: string | null, now: Date): string | null {
  const local = localDate(date, DEFAULT_ZONE);
  return local === null ? null : chartDateText(local, DEFAULT_ZONE, now, false);
}
