import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { MINUTE_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import type { RecordDocument } from '../store/documents.ts';
import { patientWorkflowId } from '../workflows/messages.ts';
import { withDeadline } from './connect.ts';

export interface PurgeParts {
  store: Pick<
    Store,
    | 'records'
    | 'referrals'
    | 'deliveries'
    | 'detectedChanges'
    | 'unlockRequests'
    | 'disclosures'
    | 'purged'
    | 'auditEvents'
  >;
  client: Client;
  now: () => Date;
}

/** What a purge removes of one record, or has removed. */
export interface PurgeCounts {
  records: number;
  revisions: number;
  deliveries: number;
  changes: number;
  /** Requests to unlock it, with their reasons. */
  unlocks: number;
  /** Executions of the record's workflow in Temporal. */
  executions: number;
}

/** Thrown where a record can't be purged now. */
export class PurgeRefusedError extends Error {
  override readonly name = 'PurgeRefusedError';
}

/** An attempt to pull has ended by then: its activity has a shorter timeout. */
const PULL_ENDED_MS = 10 * MINUTE_MS;
/** Temporal needs up to half a minute for an execution that has just ended, and no time for older ones. */
const DELETION_MS = 2 * MINUTE_MS;
const POLL_MS = 250;
const NOT_FOUND = 5;

/**
 * Returns what a purge of the record would remove.
 * @throws PurgeRefusedError when there is no such record.
 */
export async function countPurge({ store, client }: PurgeParts, recordId: string): Promise<PurgeCounts> {
  const record = await store.records.get(recordId);
  if (record === null && (await store.purged.ofRecord(recordId)) === null) throw unknown();
  const [referral, deliveries, changes, unlocks, executions] = await Promise.all([
    store.referrals.get(recordId),
    record === null ? 0 : store.deliveries.countChart(record.instance, record.casefileId),
    store.detectedChanges.countRecord(recordId),
    store.unlockRequests.countRecord(recordId),
    executionsOf(client, recordId),
  ]);
  return {
    records: record === null ? 0 : 1,
    revisions: referral?.revisions.length ?? 0,
    deliveries,
    changes,
    unlocks,
    executions: executions.length,
  };
}

/**
 * Removes everything about a record except what its audit and its disclosures say, which name it by its opaque id. Its chart
 * never gets a record again. One that was interrupted is finished when it is repeated. The referral is removed last: without the
 * record no pull can write it again.
 * @throws PurgeRefusedError when the record was written just now, or Temporal did not delete in time.
 */
export async function purge(
  { store, client, now }: PurgeParts,
  recordId: string,
  { why, who }: { why: string; who: string },
): Promise<PurgeCounts> {
  const record = await store.records.get(recordId);
  const begun = await store.purged.ofRecord(recordId);
  const instance = record?.instance ?? begun?.instance;
  if (instance === undefined) throw unknown();
  if (record !== null && isBeingPulled(record, now())) throw busy();
  if (record !== null) await store.purged.add(record, now());
  const deleted = new Set<string>();
  // Webhooks may start others as long as the record exists, so this does not wait until there are none.
  await deleteExecutions(client, recordId, deleted);
  const counts: PurgeCounts = { records: 0, revisions: 0, deliveries: 0, changes: 0, unlocks: 0, executions: 0 };
  counts.changes = await store.detectedChanges.removeRecord(recordId);
  counts.unlocks = await store.unlockRequests.removeRecord(recordId);
  if (record !== null) {
    counts.deliveries = await store.deliveries.removeChart(instance, record.casefileId);
    const current = await store.records.get(recordId);
    if (current !== null && (isBeingPulled(current, now()) || !(await store.records.remove(current)))) throw busy();
    counts.records = current === null ? 0 : 1;
    // Webhooks and signals that came while it was removed.
    counts.deliveries += await store.deliveries.removeChart(instance, record.casefileId);
  }
  await deleteAllExecutions(client, recordId, deleted);
  counts.executions = deleted.size;
  counts.revisions = await store.referrals.remove(recordId);
  await store.auditEvents.add({
    ...{ _id: `purged/${recordId}`, at: now(), who, from: 'command line', what: 'purged', instance, record: recordId },
    ...{ why, outcome: purgeText(counts) },
  });
  await store.purged.done(recordId, now());
  return counts;
}

/** Returns what was removed, in words. */
export function purgeText({ records, revisions, deliveries, changes, unlocks, executions }: PurgeCounts): string {
  return [
    ...[`${records} record`, `${revisions} revisions of the referral`, `${deliveries} webhook deliveries`],
    ...[`${changes} detected changes`, `${unlocks} requests to unlock`, `${executions} executions in Temporal`],
  ].join(', ');
}

function isBeingPulled({ plannedRevision, updatedAt }: RecordDocument, now: Date): boolean {
  return plannedRevision !== undefined && now.getTime() - updatedAt.getTime() < PULL_ENDED_MS;
}

function unknown(): PurgeRefusedError {
  return new PurgeRefusedError('there is no such record');
}

function busy(): PurgeRefusedError {
  return new PurgeRefusedError('it was written just now: run the same command again');
}

/** Returns the run ids of the executions of a record's workflow. */
async function executionsOf(client: Client, recordId: string): Promise<string[]> {
  const workflowId = patientWorkflowId(recordId);
  const found = new Set<string>();
  const list = client.workflow.list({ query: `WorkflowId = "${workflowId}"` });
  for await (const { runId } of list) found.add(runId);
  // The list may be late by a moment: the latest execution is asked for by its id.
  const latest = await withDeadline(client, () => client.workflow.getHandle(workflowId).describe()).catch(orNotFound);
  if (latest !== null) found.add(latest.runId);
  return [...found];
}

/**
 * Deletes the executions of the record's workflow that there are, with their histories; a running one is terminated. Adds them
 * to `deleted`, and deletes none of those again. Returns whether Temporal still has any.
 */
async function deleteExecutions(client: Client, recordId: string, deleted: Set<string>): Promise<boolean> {
  const workflowId = patientWorkflowId(recordId);
  const found = await executionsOf(client, recordId);
  for (const runId of found.filter((one) => !deleted.has(one))) {
    const request = { namespace: client.options.namespace, workflowExecution: { workflowId, runId } };
    await withDeadline(client, () => client.workflowService.deleteWorkflowExecution(request)).catch(orNotFound);
    deleted.add(runId);
  }
  return found.length > 0;
}

/** Deletes all executions of the record's workflow, and waits until they are gone. @throws PurgeRefusedError */
async function deleteAllExecutions(client: Client, recordId: string, deleted: Set<string>): Promise<void> {
  const until = Date.now() + DELETION_MS;
  while (await deleteExecutions(client, recordId, deleted)) {
    if (Date.now() > until)
      throw new PurgeRefusedError(
        'Temporal has not deleted its history within two minutes: run the same command again',
      );
    await sleep(POLL_MS);
  }
}

function orNotFound(error: unknown): null {
  const isGone = error instanceof Error && error.name === 'WorkflowNotFoundError';
  if (isGone || (isGrpcServiceError(error) && error.code === NOT_FOUND)) return null;
  throw error;
}
