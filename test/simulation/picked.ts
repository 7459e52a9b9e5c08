import type { RecordDocument } from '../../store/documents.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import type { Execution } from './execution.ts';
import type { MemoryDatabase } from './memoryMongo.ts';
import { type Action, TIMED_MS, WEBHOOK_MS } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import type { TemporalServer } from './temporalServer.ts';

/*
 * What a plan picks from. Everything is in the order of the charts: ids of records are random.
 */

export function allRecords(database: MemoryDatabase): RecordDocument[] {
  const records = [...database.collection('records').documents.values()] as never as RecordDocument[];
  return records.sort((one, other) => (one.casefileId < other.casefileId ? -1 : 1));
}

export function heldRecords(database: MemoryDatabase): RecordDocument[] {
  return allRecords(database).filter(({ status }) => status === 'held');
}

/** Returns the workflows of records that run. */
export function runningPatients(server: TemporalServer, database: MemoryDatabase): Execution[] {
  return allRecords(database).flatMap(({ _id }) => server.running(patientWorkflowId(_id)) ?? []);
}

/** Returns after which times the webhook of a change comes. */
export function webhookDelays(
  webhook: (Action & { do: 'chart' })['webhook'],
  scheduler: Pick<Scheduler, 'latency'>,
): readonly number[] {
  if (webhook === 'lost') return [];
  if (webhook === 'timed') return [TIMED_MS[0]];
  if (webhook === 'timed-twice') return TIMED_MS;
  const times = webhook === 'twice' ? 2 : 1;
  return Array.from({ length: times }, () => scheduler.latency('webhook', WEBHOOK_MS[webhook]));
}
