import type { StandInChart } from '../../dev/stand-in/index.ts';
import { countsAddUp } from '../../domain/run.ts';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import type { DeliveryDocument, RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import type { UnlockRequestDocument } from '../../store/unlockRequests.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';

/** Everything that the invariants are about, read when all faults are over and nothing is in progress. */
export interface Snapshot {
  charts: readonly ChartOfInstance[];
  /** Names of each instance's own locations. */
  ownLocations: Readonly<Record<string, readonly string[]>>;
  records: readonly RecordDocument[];
  referrals: readonly ReferralDocument[];
  runs: readonly RunDocument[];
  deliveries: readonly DeliveryDocument[];
  /** Deliveries that were answered 202, by instance and webhook. */
  accepted: readonly { instance: string; webhook: string; count: number }[];
  unlockRequests: readonly UnlockRequestDocument[];
  /** The tickets whose signal Temporal confirmed. */
  sentTickets: readonly string[];
  /** Entries of the audit about unlocks. */
  unlocks: readonly Pick<AuditDocument, '_id' | 'what' | 'record' | 'outcome'>[];
  /** What is wrong with the chain of the audit; none if it verifies. */
  auditBreaks: readonly string[];
  /** Workflows that are running in Temporal. */
  running: readonly { workflowId: string; type: string; hold: boolean }[];
  /** Places outside MongoDB in which a mark of a patient was found. */
  exposed: readonly string[];
}

export type ChartOfInstance = Pick<StandInChart, 'casefileId' | 'kind' | 'vaulted' | 'patient'> & { instance: string };

export interface Violation {
  invariant: string;
  text: string;
}

/** The invariants by what they say. Each returns what violates it. */
export const invariants: Readonly<Record<string, (snapshot: Snapshot) => string[]>> = {
  'each chart has one record, and each record one referral at most': notDoubled,
  'no revision is doubled, and none is missing': revisionsInOrder,
  'each record that is not held has the latest destination of its chart': latestDestination,
  'nothing changes while a record is held': unchangedWhileHeld,
  'no referral of a deleted or TEST chart is open': noneOpenWithoutChart,
  'each held record has its waiting workflow, and nothing else is running': waitingWorkflows,
  'no pull is owed': nothingOwed,
  'each unlock is applied once': unlocksOnce,
  'the counts of each run add up': countsOfRuns,
  'every run ends': runsEnd,
  'the audit verifies': ({ auditBreaks }) => [...auditBreaks],
  'no delivery that was answered 202 is lost': deliveriesKept,
  'no patient is in Temporal or a log': ({ exposed }) => [...exposed],
};

/** Returns every violation of every invariant. */
export function violationsOf(snapshot: Snapshot): Violation[] {
  return Object.entries(invariants).flatMap(([invariant, check]) =>
    check(snapshot).map((text) => ({ invariant, text })),
  );
}

function notDoubled({ charts, records, referrals }: Snapshot): string[] {
  const known = new Set(charts.map(keyOf));
  // One that was deleted before any run listed it has none.
  const expected = charts.filter(({ vaulted }) => !vaulted).map(keyOf);
  const found = countBy(records.map(keyOf));
  const ids = new Set(records.map(({ _id }) => _id));
  return [
    ...expected.filter((key) => !found.has(key)).map(() => 'a chart has no record'),
    ...[...found].filter(([, count]) => count > 1).map(([, count]) => `a chart has ${count} records`),
    ...records.filter((record) => !known.has(keyOf(record))).map(({ _id }) => `${_id}: a record has no chart`),
    ...referrals.filter(({ _id }) => !ids.has(_id)).map(({ _id }) => `${_id}: a referral has no record`),
  ];
}

function revisionsInOrder({ referrals }: Snapshot): string[] {
  return referrals.flatMap(({ _id, revision, status, revisions, revisionsDropped = 0 }) => {
    const numbers = revisions.map((one) => one.revision);
    const expected = revisions.map((_, index) => revisionsDropped + index + 1);
    const last = revisions.at(-1);
    const doubled = revisions.filter((one, index) => {
      const before = revisions[index - 1];
      return before !== undefined && before.status === one.status && contentOf(before) === contentOf(one);
    });
    return [
      ...(numbers.join() === expected.join() ? [] : [`${_id}: its revisions are ${numbers.join()}`]),
      ...doubled.map((one) => `${_id}: revision ${one.revision} repeats the one before it`),
      ...(last?.revision === revision && last.status === status ? [] : [`${_id}: its last revision is not its state`]),
    ];
  });
}

function latestDestination(snapshot: Snapshot): string[] {
  const referrals = new Map(snapshot.referrals.map((one) => [one._id, one]));
  const charts = new Map(snapshot.charts.map((one) => [keyOf(one), one]));
  return snapshot.records.flatMap((record) => {
    const chart = charts.get(keyOf(record));
    if (record.hold !== null || chart === undefined || chart.vaulted) return [];
    const referral = referrals.get(record._id);
    const stored = referral?.status === 'open' ? referral.destination : null;
    const expected = destinationOf(chart, snapshot.ownLocations[record.instance] ?? []);
    // The text of a destination may identify a patient, so the report does not quote it.
    return stored === expected
      ? []
      : [`${record._id} (${record.status}): its referral ${differenceOf(stored, expected)}`];
  });
}

function differenceOf(stored: string | null, expected: string | null): string {
  if (expected === null) return 'is open, and its chart asks for none';
  return stored === null ? 'is missing or not open' : 'does not have the latest destination';
}

function unchangedWhileHeld({ records, referrals }: Snapshot): string[] {
  const revisions = new Map(referrals.map((one) => [one._id, one.revisions]));
  return records.flatMap(({ _id, status, hold, lastHold, unlocked }) => {
    const since = (hold ?? lastHold)?.since;
    // A hold also ends when its chart is deleted, and the voided revision is not a change of the hold.
    if (since === undefined || (hold === null && unlocked === null)) return [];
    const until = hold === null ? unlocked?.at : undefined;
    if (until !== undefined && until < since) return [];
    return (revisions.get(_id) ?? [])
      .filter(({ at, status: is }) => at > since && (until === undefined || at < until) && is !== 'void')
      .map(({ revision }) => `${_id} (${status}): revision ${revision} was made while it was held`);
  });
}

function noneOpenWithoutChart({ charts, records, referrals }: Snapshot): string[] {
  const open = new Set(referrals.filter(({ status }) => status === 'open').map(({ _id }) => _id));
  const deleted = new Set(charts.filter(({ vaulted }) => vaulted).map(keyOf));
  const tests = new Set(charts.filter(isTest).map(keyOf));
  // Nothing is read of the chart of a held record, also not that it became a test.
  const isClosed = (record: RecordDocument) =>
    deleted.has(keyOf(record)) || (tests.has(keyOf(record)) && record.hold === null);
  return records
    .filter((record) => isClosed(record) && open.has(record._id))
    .map(({ _id, status }) => `${_id} (${status}): its referral is open`);
}

function waitingWorkflows({ records, running }: Snapshot): string[] {
  const held = new Set(records.filter(({ hold }) => hold !== null).map(({ _id }) => patientWorkflowId(_id)));
  const found = countBy(running.map(({ workflowId }) => workflowId));
  return [
    ...[...held].filter((id) => found.get(id) !== 1).map((id) => `${id}: ${found.get(id) ?? 0} workflows wait`),
    ...running
      .filter(({ workflowId, hold }) => held.has(workflowId) && !hold)
      .map(({ workflowId }) => `${workflowId}: it does not show its hold`),
    ...running
      .filter(({ workflowId }) => !held.has(workflowId))
      .map(({ workflowId, type }) => `${workflowId}: a ${type} is running`),
  ];
}

function nothingOwed({ records }: Snapshot): string[] {
  return records
    .filter(({ status, pending, retryAt }) => status === 'failed' || status === 'unlocked' || (pending && !retryAt))
    .map(
      ({ _id, status, failure }) => `${_id}: it is ${status}, and a pull is owed (${failure?.code ?? 'no failure'})`,
    );
}

function unlocksOnce({ records, unlockRequests, unlocks, sentTickets }: Snapshot): string[] {
  const requests = new Map(unlockRequests.map((request) => [request._id, request]));
  const applied = unlocks.filter(({ what }) => what === 'unlock');
  const opened = applied.filter(({ outcome }) => outcome === 'unlocked' || outcome === 'opened ahead');
  const byRecord = countBy(opened.map(({ record }) => record ?? ''));
  const audited = countBy(applied.map(({ _id }) => _id));
  const open = new Map(records.map((record) => [record._id, record]));
  return [
    ...sentTickets
      .filter((ticket) => requests.get(ticket)?.applied == null || audited.get(`unlock/${ticket}`) !== 1)
      .map((ticket) => `${ticket}: it was sent, and not applied once`),
    ...[...byRecord].filter(([, count]) => count > 1).map(([id, count]) => `${id}: unlocked ${count} times`),
    ...opened.flatMap(({ _id, record }) => {
      const stored = open.get(record ?? '');
      return stored?.unlocked?.key === _id.slice('unlock/'.length) ? [] : [`${_id}: its record does not show it`];
    }),
    ...unlockRequests
      .filter(({ _id, applied: done }) => done !== null && audited.get(`unlock/${_id}`) !== 1)
      .map(({ _id }) => `${_id}: it was applied, and the audit does not say so`),
  ];
}

function countsOfRuns({ runs }: Snapshot): string[] {
  return runs
    .filter(({ endedAt, counts }) => endedAt !== null && !countsAddUp(counts))
    .map(({ _id, counts }) => `${_id}: ${JSON.stringify(counts)}`);
}

function runsEnd({ runs }: Snapshot): string[] {
  return runs.filter(({ status }) => status === 'running').map(({ _id }) => `${_id}: it has not ended`);
}

function deliveriesKept({ accepted, deliveries }: Snapshot): string[] {
  return [
    ...accepted.flatMap(({ instance, webhook, count }) => {
      const own = deliveries.filter((one) => one.instance === instance && one.webhook === webhook);
      const stored = own.reduce((sum, { times }) => sum + times, 0);
      return stored >= count ? [] : [`${instance}, ${webhook}: ${count} were answered 202, ${stored} are stored`];
    }),
    ...deliveries.filter(({ state }) => state === 'waiting').map(({ _id }) => `${_id}: it still waits`),
  ];
}

/**
 * Returns the destination that a chart's referral must have, by the specification and independently of the product's code;
 * null where no referral may be open.
 */
function destinationOf(chart: ChartOfInstance, ownLocations: readonly string[]): string | null {
  const { patient } = chart;
  const required = [patient.first_name, patient.last_name, patient.dob, patient.admission_date, patient.mr_number];
  if (isTest(chart) || required.some((value) => plain(value) === '')) return null;
  const destination = plain(patient.discharge_or_transition_name);
  const inside = ownLocations.some((location) => plain(location).toLowerCase() === destination.toLowerCase());
  return destination === '' || inside ? null : destination;
}

/** Staff also make a chart a placeholder by its name. */
function isTest({ kind, patient }: ChartOfInstance): boolean {
  return kind === 'test' || plain(patient.last_name) === 'TEST';
}

/** Returns a value without the blanks and quotes of word processors; a zero date becomes empty. */
function plain(value: unknown): string {
  const text = value === null || value === undefined || value === '0000-00-00' ? '' : String(value);
  return text
    .split(/[\s\u00a0\u200b]+/)
    .filter(Boolean)
    .join(' ')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"');
}

function keyOf({ instance, casefileId }: { instance: string; casefileId: string }): string {
  return `${instance} ${casefileId.toLowerCase()}`;
}

function contentOf(revision: object): string {
  return JSON.stringify({ ...revision, revision: 0, change: '', at: 0 });
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
