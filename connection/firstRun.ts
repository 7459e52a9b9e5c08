import { counted } from '../domain/counted.ts';
import type { LockPolicy } from '../domain/lock.ts';
import type { LiveFacts } from './facts.ts';

/** What the first run of an instance will do, estimated from the totals of KIPU's lists. Null means that it cannot be known. */
export interface FirstRun {
  charts: number | null;
  /** Calls to KIPU: pages of lists, and one for each chart that its row does not carry. */
  calls: number | null;
  minutes: number | null;
  /** Discharges that are locked until somebody unlocks them. */
  locked: number | null;
}

interface Plan {
  lockPolicy: LockPolicy;
  pageSize: number;
  callsPerSecond: number;
}

type Counts = LiveFacts['lists']['latest'];

/** Estimates the first run, which is a full one. No webhook has come yet, so `webhook-missing` locks all discharges. */
export function estimateFirstRun(
  { lists: { latest, census, vaults }, censusRows }: Pick<LiveFacts, 'lists' | 'censusRows'>,
  { lockPolicy, pageSize, callsPerSecond }: Plan,
): FirstRun {
  const both = [latest, census].filter((list) => list !== null);
  if (both.length === 0) return { charts: null, calls: null, minutes: null, locked: null };
  // The lists overlap almost completely.
  const charts = Math.max(...both.map(total));
  const pages = [latest, census, vaults].reduce((all, list) => all + Math.max(1, Math.ceil(total(list) / pageSize)), 0);
  const carry = censusRows !== null && censusRows.read > 0 && censusRows.chart === censusRows.read;
  const calls = 1 + pages + (carry ? Math.max(0, charts - total(census)) : charts);
  const minutes = Math.max(1, Math.ceil(calls / callsPerSecond / 60));
  return { charts, calls, minutes, locked: lockPolicy === 'never' ? 0 : dischargedOf(both) };
}

/** Returns the estimate in sentences. */
export function firstRunText({ charts, calls, minutes, locked }: FirstRun, lockPolicy: LockPolicy): string[] {
  if (charts === null || calls === null || minutes === null)
    return ['The first sync cannot be estimated: KIPU returned no list.'];
  const made = `The first sync reads about ${counted(charts, 'chart')} with about ${counted(calls, 'call')}, in about ${counted(minutes, 'minute')}.`;
  if (lockPolicy === 'never') return [made, 'It locks no discharge: the lock policy is never.'];
  if (locked === null)
    return [made, 'How many discharges it locks cannot be known: KIPU’s rows do not say who is discharged.'];
  const why = lockPolicy === 'always' ? 'the lock policy is always' : 'no Chart Update has come yet';
  return [
    made,
    `It locks about ${counted(locked, 'discharge')}, because ${why}. Review the list and unlock them together.`,
  ];
}

function total(list: Counts): number {
  return list === null ? 0 : (list.stated ?? list.read);
}

/** Returns how many charts of the longest list are discharged, by the share among the rows that were read. */
function dischargedOf(lists: readonly NonNullable<Counts>[]): number | null {
  const known = lists.flatMap((list) => {
    if (list.discharged === null) return [];
    return [list.read === 0 ? 0 : Math.round((total(list) * list.discharged) / list.read)];
  });
  return known.length === 0 ? null : Math.max(...known);
}
