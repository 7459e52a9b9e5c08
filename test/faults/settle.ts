import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestSyncs } from '../../client/requestSync.ts';
import { knownRuns, waitForRuns } from '../../client/waitForRuns.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { type Done, typedMarks } from './act.ts';
import type { Cluster } from './cluster.ts';
import type { Snapshot } from './invariants.ts';

const POLL_MS = 200;
/** Full runs after which nothing may be owed. */
const RUNS = 3;

/** Waits until nothing is in progress: every process works, full runs have ended, and no workflow works on a record. */
export async function settle(cluster: Cluster, done: Done, withinMs: number): Promise<void> {
  const { standIn, workers, web, temporal, mongodb } = cluster;
  const deadline = Date.now() + withinMs;
  standIn.faults.clear();
  await Promise.all([temporal, mongodb, web, ...workers].map((part) => part.ready()));
  await Promise.all(done.inProgress);
  await standIn.webhooks.idle();
  for (let run = 1; run <= RUNS && Date.now() < deadline; run += 1) {
    await letWaitsPass(cluster);
    await fullRuns(cluster, deadline);
    await untilQuiet(cluster, done, deadline);
    if ((await owed(cluster)) === 0) return;
  }
}

/** Lets the wait before a failed pull is repeated be over: up to a day in a service that runs for longer than a test. */
async function letWaitsPass({ store }: Cluster): Promise<void> {
  const { records } = store.collections;
  await records.updateMany({ status: 'failed', retryAt: { $ne: null } }, { $set: { retryAt: null } });
}

async function fullRuns({ store, client, instances }: Cluster, deadline: number): Promise<void> {
  const names = instances.map(({ name }) => name);
  const known = await knownRuns(store, names);
  const viewer = { who: 'rvale', from: '192.0.2.7' };
  const signal = AbortSignal.timeout(Math.max(1, deadline - Date.now()));
  for (;;) {
    try {
      await requestSyncs({ store, client }, names, { viewer, full: true });
      break;
    } catch (error) {
      // A server that has just started may still refuse.
      if (Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
  await waitForRuns(store, known, names, undefined, { pollMs: POLL_MS, startWithinMs: 60_000, signal }).catch(
    () => undefined,
  );
}

function owed({ store }: Cluster): Promise<number> {
  const { records } = store.collections;
  return records.countDocuments({
    $or: [{ status: { $in: ['failed', 'unlocked'] } }, { pending: true, retryAt: null }],
  });
}

/** Resolves when only the workflows of held records are running and every delivery and unlock was acted on, or at the deadline. */
async function untilQuiet(cluster: Cluster, done: Done, deadline: number): Promise<void> {
  for (; !(await isQuiet(cluster, done)) && Date.now() < deadline; ) await sleep(POLL_MS);
}

async function isQuiet(cluster: Cluster, { sentTickets }: Done): Promise<boolean> {
  const { deliveries, unlockRequests, runs } = cluster.store.collections;
  if ((await deliveries.countDocuments({ state: 'waiting' })) > 0) return false;
  if ((await runs.countDocuments({ status: 'running' })) > 0) return false;
  if ((await unlockRequests.countDocuments({ _id: { $in: sentTickets }, applied: null })) > 0) return false;
  const held = new Set((await heldRecords(cluster)).map(({ _id }) => patientWorkflowId(_id)));
  const running = await runningWorkflows(cluster);
  return running.length === held.size && running.every(({ workflowId, hold }) => held.has(workflowId) && hold);
}

/** Returns the records that are held now. */
export function heldRecords({ store }: Cluster): Promise<RecordDocument[]> {
  return store.collections.records
    .find({ hold: { $ne: null } })
    .sort({ casefileId: 1 })
    .toArray();
}

async function runningWorkflows({ client }: Cluster): Promise<Snapshot['running'][number][]> {
  const found: Snapshot['running'][number][] = [];
  for await (const { workflowId, type, searchAttributes } of client.workflow.list({
    query: "ExecutionStatus = 'Running' AND WorkflowType IN ('patientWorkflow', 'syncWorkflow')",
  })) {
    found.push({ workflowId, type, hold: searchAttributes?.Hold?.[0] === true });
  }
  return found;
}

/** Reads everything that the invariants are about. */
export async function takeSnapshot(cluster: Cluster, { sentTickets }: Done): Promise<Snapshot> {
  const { standIn, store, instances } = cluster;
  const { collections } = store;
  const names = instances.map(({ name }) => name);
  const locations = await Promise.all(
    names.map(async (name) => [name, await store.instances.locations(name)] as const),
  );
  const audit = await store.auditEvents.verify();
  return {
    charts: names.flatMap((instance) => standIn.charts(instance).map((chart) => ({ ...chart, instance }))),
    ownLocations: Object.fromEntries(locations),
    records: await collections.records.find().toArray(),
    referrals: await collections.referrals.find().toArray(),
    runs: await collections.runs.find().toArray(),
    deliveries: await collections.deliveries.find().toArray(),
    accepted: standIn.webhooks.sent.counts.filter(({ status }) => status === 202),
    unlockRequests: await collections.unlockRequests.find().toArray(),
    sentTickets,
    unlocks: await collections.auditEvents.find({ what: { $in: ['unlock', 'unlock-requested'] } }).toArray(),
    auditBreaks: audit.breaks.map(({ text }) => text),
    running: await runningWorkflows(cluster),
    exposed: await exposedPlaces(cluster),
  };
}

/** Returns the places outside MongoDB that contain a mark: files of Temporal, and what the processes wrote. */
async function exposedPlaces({ marks, temporalFiles, output }: Cluster): Promise<string[]> {
  const all = [...marks, ...typedMarks];
  const files = await Promise.all(
    temporalFiles.map(async (file) => ({
      place: file.slice(file.lastIndexOf('/') + 1),
      bytes: await readFile(file).catch(() => Buffer.alloc(0)),
    })),
  );
  const places = [...files, { place: 'the output of a process', bytes: Buffer.from(output()) }];
  return places.flatMap(({ place, bytes }) => {
    const found = all.filter((mark) => bytes.includes(mark) || bytes.includes(encodeURIComponent(mark)));
    return found.length === 0 ? [] : [`${place}: ${found.length} marks`];
  });
}
