import type { DischargeClass } from '../../../domain/day.ts';

export const classLabels: Readonly<Record<DischargeClass, string>> = {
  referred: 'Referred',
  transferred: 'Internal transfer',
  noDestination: 'No destination',
  locked: 'Locked',
  missing: 'Missing information',
  unreadable: 'Could not be read',
  notRead: 'Not read yet',
};

const long = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'full' });
const short = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' });
const monthFormat = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'long', year: 'numeric' });

/** Returns `Tuesday, November 24, 2026`. */
export function longDay(day: string): string {
  return long.format(new Date(`${day}T00:00:00Z`));
}

/** Returns `Nov 24`. */
export function shortDay(day: string): string {
  return short.format(new Date(`${day}T00:00:00Z`));
}

/** Returns `November 2026`. */
export function monthName(month: string): string {
  return monthFormat.format(new Date(`${month}-01T00:00:00Z`));
}
