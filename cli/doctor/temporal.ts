import type { Client } from '@temporalio/client';
import { connectClient, TemporalUnreachableError } from '../../client/connect.ts';
import { missingSearchAttributes } from '../../client/provision.ts';
import { describeSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { bad, type Finding, good } from '../../connection/finding.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { kipuTaskQueue } from '../../workflows/messages.ts';
import { counted, minute } from '../terminal/text.ts';

/** A worker polls at least once a minute; one that has not polled for twice as long is gone. */
const POLLED_WITHIN_MS = 2 * MINUTE_MS;
const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

/** Checks that Temporal answers and is set up, that the schedules exist and are active, and that a worker polls. */
export async function checkTemporal(
  temporal: TemporalSettings,
  taskQueue: string,
  instances: readonly string[],
): Promise<Finding[]> {
  let client: Client;
  try {
    client = await connectClient(temporal);
  } catch (error) {
    if (!(error instanceof TemporalUnreachableError)) throw error;
    return [bad('Temporal', `does not answer at ${temporal.address}`, 'Check TEMPORAL_ADDRESS, TLS and API key.')];
  }
  try {
    return await Promise.all([
      checkNamespace(client, temporal),
      checkSearchAttributes(client),
      ...instances.map((name) => checkSchedule(client, name)),
      checkWorker(client, temporal.namespace, taskQueue),
    ]);
  } finally {
    await client.connection.close();
  }
}

async function checkNamespace(client: Client, { address, namespace }: TemporalSettings): Promise<Finding> {
  try {
    await client.workflowService.describeNamespace({ namespace });
    return good('Temporal', `answers at ${address}, namespace ${namespace}`);
  } catch {
    return bad(
      'Temporal',
      `namespace ${namespace} can't be read at ${address}`,
      'Check TEMPORAL_NAMESPACE and the API key.',
    );
  }
}

async function checkSearchAttributes(client: Client): Promise<Finding> {
  const check = 'search attributes';
  const fix = 'Run kipu-referrals setup with credentials that may register search attributes.';
  try {
    const missing = await missingSearchAttributes(client);
    return missing.length === 0 ? good(check, 'registered') : bad(check, `missing: ${missing.join(', ')}`, fix);
  } catch {
    return bad(check, "can't be read", fix);
  }
}

async function checkSchedule(client: Client, instance: string): Promise<Finding> {
  try {
    return scheduleFinding(instance, await describeSchedule(client, instance));
  } catch {
    return bad(`schedule of ${instance}`, "can't be read", 'Check the permissions of these credentials in Temporal.');
  }
}

/** Returns what the state of a schedule means. */
export function scheduleFinding(instance: string, schedule: ScheduleStatus | null): Finding {
  const check = `schedule of ${instance}`;
  if (schedule === null) return bad(check, 'missing', 'Run kipu-referrals setup.');
  if (schedule.paused) {
    const note = schedule.note === null ? '' : `: ${schedule.note}`;
    return bad(check, `paused${note}`, `Run kipu-referrals schedule resume ${instance}.`);
  }
  return good(check, `every ${schedule.everyMinutes} min, next ${minute(schedule.nextRunAt) ?? 'unknown'}`);
}

async function checkWorker(client: Client, namespace: string, taskQueue: string): Promise<Finding> {
  const fix = 'Run kipu-referrals start, or kipu-referrals worker with the same settings.';
  const queues = [
    { name: taskQueue, type: WORKFLOW_QUEUE },
    { name: kipuTaskQueue(taskQueue), type: ACTIVITY_QUEUE },
  ];
  try {
    const polled = await Promise.all(queues.map(({ name, type }) => pollersOf(client, namespace, name, type)));
    const workers = Math.min(...polled);
    if (workers > 0) return good('worker', `${counted(workers, 'worker')} on task queue ${taskQueue}`);
    return bad('worker', `none polls task queue ${taskQueue}`, fix);
  } catch {
    return bad('worker', `task queue ${taskQueue} can't be read`, fix);
  }
}

async function pollersOf(client: Client, namespace: string, name: string, taskQueueType: number): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
  const since = Date.now() - POLLED_WITHIN_MS;
  const recent = (pollers ?? []).filter((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  return new Set(recent.map((poller) => poller.identity)).size;
}
