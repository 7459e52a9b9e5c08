import { randomUUID } from 'node:crypto';
import type { Chart } from '../domain/chart.ts';
import { zeroCounts } from '../domain/run.ts';
import { searchKeys } from '../domain/search.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import { type RecordDocument, SCHEMA_VERSION } from '../store/documents.ts';
import { newRecordId } from '../store/ids.ts';

/** The invented data that `bench/pages.ts` measures with. */
export const INSTANCES = ['north', 'south'];
export const NOW = Date.now();
const RUNS = 700;
const SLICE = 250;

/** How far the last changes of two records are apart: those of 10,000 are spread over 90 days. */
const APART_MS = 780_000;
/** Of a hundred records: how many have which status. The others are linked, half of them with a referral. */
const SHARES = [
  ['held', 3],
  ['notReady', 3],
  ['failed', 1],
] as const;

/** Stores records, referrals, runs, notes of webhooks and views, as months of a service leave them. */
export async function fillPages(store: Store, count: number): Promise<{ held: string; linked: string; run: string }> {
  const { collections } = store;
  const without = { bypassDocumentValidation: true, ordered: false };
  const runs = Array.from({ length: RUNS }, (_, n) => aRun(n, count));
  const records = Array.from({ length: count }, (_, n) => aRecord(n, runs[n % 2]?.workflowId ?? ''));
  const referred = records.filter(({ status }, n) => status === 'synced' && n % 2 === 0);
  // One request with all of them could take longer than the driver waits.
  for (let n = 0; n < count; n += SLICE) {
    await collections.records.insertMany(records.slice(n, n + SLICE), without);
    const slice = referred.slice(n, n + SLICE);
    if (slice.length > 0) await collections.referrals.insertMany(slice.map(aReferral), without);
  }
  await collections.runs.insertMany(runs, without);
  for (const name of INSTANCES)
    await store.instances.keepLocations(name, ['Detox', 'Residential', 'Outpatient'], new Date(NOW));
  const viewer = { who: 'dana', from: '192.0.2.7' };
  for (let n = 0; n < 2_000; n += 1)
    await store.auditEvents.add({
      ...{ _id: randomUUID(), at: new Date(NOW - n * MINUTE_MS), ...viewer, what: 'patients-shown', instance: 'north' },
      ...{ record: records[n % count]?._id ?? null, why: null, outcome: '1 record shown', kind: 'record-viewed' },
    } as Parameters<Store['auditEvents']['add']>[0]);
  const idOf = (status: string) => records.find((one) => one.status === status)?._id ?? '';
  return { held: idOf('held'), linked: referred[0]?._id ?? '', run: runs[0]?._id ?? '' };
}

function statusOf(n: number): RecordDocument['status'] {
  let below = 0;
  for (const [status, share] of SHARES) {
    below += share;
    if (n % 100 < below) return status;
  }
  return 'synced';
}

function aRecord(n: number, run: string): RecordDocument {
  const status = statusOf(n);
  const since = new Date(NOW - (n % 90) * DAY_MS);
  const discharge = n % 3 === 0 || status === 'held' ? since : null;
  const chart = aChart(n, discharge, status === 'notReady');
  return {
    ...{ _id: newRecordId(), schemaVersion: SCHEMA_VERSION, instance: INSTANCES[n % 2] ?? '', status },
    ...{ casefileId: chart.casefileId, masterId: chart.masterId, chart, timeZone: 'America/New_York' },
    ...{ listedVersion: chart.lastUpdatedAt, pulledVersion: chart.lastUpdatedAt, chartVersion: chart.lastUpdatedAt },
    ...{ pulledAt: since, pending: false, retryAt: null, dischargedAt: discharge, search: searchKeys(chart) },
    missing: status === 'notReady' ? ['dob'] : [],
    hold: status === 'held' ? { reason: 'webhook-missing', since, reminders: 1, changesWaiting: 0 } : null,
    ...{ unlocked: null, lastPull: { key: String(n), outcome: 'saved', run }, rev: 1 },
    failure: status === 'failed' ? { key: 'k', code: 'timeout', text: 'No answer.', times: 2, since, at: since } : null,
    ...{ createdAt: since, updatedAt: new Date(NOW - n * APART_MS) },
  };
}

const FIRST = ['Elspeth', 'Cosima', 'Jonas', 'Greta', 'Farid', 'Amara', 'Silas', 'Zelda'];
const LAST = ['Fennimoor', 'Quillharrow', 'Thistlewick', 'Oakenshaw', 'Corvane', 'Yarrowdale', 'Wexcombe'];

function aChart(n: number, discharge: Date | null, incomplete: boolean): Chart {
  const masterId = randomUUID();
  const none = {
    ...{ anticipatedDischargeDate: null, destinationId: null, dischargeTypeCode: null, nextLevelOfCare: null },
    ...{ nextLevelOfCareDate: null, insuranceCompany: null, paymentMethod: null, referrerName: null },
    ...{ firstContactName: null, dateOfDeath: null, middleName: null },
  };
  return {
    ...none,
    ...{ casefileId: `${n}:${masterId}`, masterId, mrNumber: `MR-${n}`, program: 'Adult', levelOfCare: 'PHP' },
    ...{ firstName: FIRST[n % FIRST.length] ?? '', lastName: `${LAST[n % LAST.length]} ${n % 977}` },
    ...{ dob: incomplete ? null : `19${50 + (n % 49)}-04-05`, admissionDate: '2026-01-02', dischargeType: 'Routine' },
    dischargeDate: discharge?.toISOString() ?? null,
    destination: n % 2 === 0 ? `Harbor House ${n % 40}` : null,
    ...{ locationId: String(n % 3), locationName: ['Detox', 'Residential', 'Outpatient'][n % 3] ?? '' },
    ...{ createdAt: null, lastUpdatedAt: new Date(NOW - n * 1_000).toISOString() },
  };
}

function aReferral({ _id, instance, casefileId, chart, createdAt, updatedAt }: RecordDocument) {
  if (chart === null) throw new Error('no chart');
  const { mrNumber, firstName, middleName, lastName, dob, dischargeDate, dischargeType } = chart;
  const destination = chart.destination ?? '';
  const latest = {
    ...{
      revision: 1,
      status: 'open' as const,
      change: 'made' as const,
      at: updatedAt,
      destination,
      destinationId: null,
    },
    patient: { mrNumber, firstName, middleName, lastName, dob },
    facility: { locationId: chart.locationId, name: chart.locationName },
    ...{ admissionDate: chart.admissionDate, dischargeDate, dischargeType, levelOfCare: chart.levelOfCare },
    ...{ nextLevelOfCare: null, nextLevelOfCareDate: null },
  };
  return {
    ...{
      _id,
      schemaVersion: SCHEMA_VERSION,
      instance,
      casefileId,
      ...latest,
      revisions: [latest],
      createdAt,
      updatedAt,
    },
  };
}

function aRun(n: number, count: number) {
  const startedAt = new Date(NOW - n * 30 * MINUTE_MS - count * 1_000);
  const instance = INSTANCES[n % 2] ?? '';
  // One each night.
  const isFull = Math.floor(n / 2) % 24 === 7;
  return {
    ...{ _id: randomUUID(), schemaVersion: SCHEMA_VERSION, instance, workflowId: `sync/${instance}-${n}` },
    ...{
      mode: isFull ? ('full' as const) : ('incremental' as const),
      window: { startDay: '2026-01-01', endDay: '2026-01-03' },
      fault: null,
    },
    ...{ status: 'completed' as const, startedAt, endedAt: new Date(startedAt.getTime() + 9_000), cursor: startedAt },
    counts: { ...zeroCounts(), listed: 60, due: 20, saved: 15, held: 5 },
  };
}
