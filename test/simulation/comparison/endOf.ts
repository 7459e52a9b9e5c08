import type { DeliveryDocument, RecordDocument, ReferralDocument, RunDocument } from '../../../store/documents.ts';
import type { UnlockRequestDocument } from '../../../store/unlockRequests.ts';
import type { PatientState } from '../../../workflows/messages.ts';
import type { MemoryDatabase } from '../memoryMongo.ts';
import { allRecords } from '../picked.ts';

/** Clocks of the two may differ by so much. */
const TOLERANCE_MS = 100_000;

/** What a workflow of a record that runs says of itself. */
export type RunningStates = ReadonlyMap<string, PatientState>;

/** Returns what must be equal at the end: not the random ids. */
export function endOf(database: MemoryDatabase, states: RunningStates) {
  const all = <T>(name: string) => [...database.collection(name).documents.values()] as never as T[];
  const records = allRecords(database);
  const charts = new Map<unknown, string>(records.map(({ _id, casefileId }) => [_id, casefileId]));
  return {
    records: records.map(recordOf),
    referrals: byChart(all<ReferralDocument>('referrals')).map(referralOf),
    runs: byTime(all<RunDocument>('runs')).map(({ mode, status, counts, fault, owed, warnings, window }) => ({
      ...{ mode, status, counts, fault, owed, warnings, window },
    })),
    running: records.flatMap(({ _id, casefileId }) => {
      const { doing, hold = null } = states.get(_id) ?? {};
      return doing === undefined ? [] : [{ casefileId, doing, reason: hold?.reason, reminders: hold?.reminders }];
    }),
    unlocks: byTime(all<UnlockRequestDocument>('unlockRequests').map((one) => ({ ...one, startedAt: one.at }))).map(
      ({ record, applied }) => ({ chart: charts.get(record), outcome: applied?.outcome ?? null }),
    ),
    audit: all<{ at: Date; what: string; outcome: string; who: string; record: string }>('auditEvents')
      .map(({ at, what, outcome, who, record }) => ({
        text: [charts.get(record), what, outcome, who].join(' '),
        // A request has the time of the machine.
        at: what === 'unlock' ? at : null,
      }))
      .sort((one, other) => compare(one.text, other.text) || compare(Number(one.at), Number(other.at))),
    deliveries: all<DeliveryDocument>('deliveries')
      .map(({ casefileId, webhook, state, times }) => [casefileId, webhook, state, times].join(' '))
      .sort(),
  };
}

export type End = ReturnType<typeof endOf>;

function recordOf(record: RecordDocument) {
  const { casefileId, status, missing, hold, lastHold, unlocked, failure, lastPull, chart, pending, retryAt } = record;
  return {
    ...{ casefileId, status, missing, pending, outcome: lastPull?.outcome, destination: chart?.destination },
    ...{ location: chart?.locationName, discharge: chart?.dischargeDate, version: record.pulledVersion },
    hold: hold && { reason: hold.reason, reminders: hold.reminders, changes: hold.changesWaiting },
    ...{ since: hold?.since, lastHold: lastHold?.reason, unlocked: unlocked && [unlocked.by, unlocked.why] },
    ...{ failure: failure && [failure.code, failure.times], retryAt: retryAt, pulledAt: record.pulledAt },
  };
}

function referralOf({ casefileId, status, stale, revisions }: ReferralDocument) {
  return {
    ...{ casefileId, status, stale: stale?.reason },
    revisions: revisions.map(({ revision, change, status: then, destination, dischargeDate, facility, at }) => ({
      ...{ revision, change, status: then, destination, dischargeDate, facility: facility.name, at },
    })),
  };
}

function byChart<T extends { casefileId: string }>(all: readonly T[]): T[] {
  return [...all].sort((one, other) => compare(one.casefileId, other.casefileId));
}

function byTime<T extends { startedAt: Date }>(all: readonly T[]): T[] {
  return [...all].sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
}

function compare<T>(one: T, other: T): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Returns where two ends differ, each as one line. */
export function differences(simulated: unknown, real: unknown, path = ''): string[] {
  if (simulated instanceof Date && real instanceof Date)
    return Math.abs(simulated.getTime() - real.getTime()) <= TOLERANCE_MS ? [] : [differs(simulated, real, path)];
  if (isObject(simulated) && isObject(real)) {
    const names = new Set([...Object.keys(simulated), ...Object.keys(real)]);
    return [...names].flatMap((name) => differences(simulated[name], real[name], `${path}.${name}`));
  }
  return Object.is(simulated, real) ? [] : [differs(simulated, real, path)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function differs(simulated: unknown, real: unknown, path: string): string {
  return `${path.slice(1)}: simulated ${JSON.stringify(simulated)}, on the server ${JSON.stringify(real)}`;
}
