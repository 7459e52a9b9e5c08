import { DEFAULT_ZONE, instantIn, localDate } from '../../domain/time.ts';

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

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(at: Date, zone: string): Record<string, string> {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, year: 'numeric', month: 'short', day: 'numeric' },
      ...{ hour: 'numeric', minute: '2-digit', hour12: true, timeZoneName: 'short' },
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/**
 * Formats an instant on the clocks of a clinic, as short as a table needs it: `Nov 5, 8:45 PM`, with the year unless it is this
 * year.
 */
export function shortTime(at: Date | null, { zone, named }: ShownZone, now: Date): string | null {
  if (at === null) return null;
  const { hour, minute, dayPeriod, timeZoneName } = parts(at, zone);
  return `${shortDay(at, zone, now)}, ${hour}:${minute} ${dayPeriod}${named ? ` ${timeZoneName}` : ''}`;
}

/** Formats a date of a chart, which is in local time: `Nov 5`, or `Nov 5, 8:45 PM` where it has a time of day. */
export function shortDate(date: string | null, now: Date): string | null {
  const local = localDate(date, DEFAULT_ZONE);
  if (local === null) return null;
  const at = instantIn(local, DEFAULT_ZONE);
  if (local.length === 10) return shortDay(at, DEFAULT_ZONE, now);
  const { hour, minute, dayPeriod } = parts(at, DEFAULT_ZONE);
  return `${shortDay(at, DEFAULT_ZONE, now)}, ${hour}:${minute} ${dayPeriod}`;
}

function shortDay(at: Date, zone: string, now: Date): string {
  const { month, day, year } = parts(at, zone);
  return `${month} ${day}${year === parts(now, zone).year ? '' : `, ${year}`}`;
}
