import type { Client } from '@temporalio/client';
import { connectClient, TemporalUnreachableError } from '../../client/connect.ts';
import { describeSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import { missingSearchAttributes } from '../../client/searchAttributes.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { kipuTaskQueue } from '../../workflows/messages.ts';
import { counted, minute } from '../terminal/text.ts';
import { bad, type Finding, good } from './finding.ts';

/** A worker asks for work at least once a minute; one that did not for longer is gone. */
const POLLED_WITHIN_MS = 120_000;
const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

/** Whether Temporal answers and is set up, the schedules are there and run, and a worker polls. */
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
  const fix = 'Run kipu-referrals setup with a login that may register search attributes.';
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
    return bad(`schedule of ${instance}`, "can't be read", 'Check the rights of the login at Temporal.');
  }
}

export function scheduleFinding(instance: string, sight: ScheduleStatus | null): Finding {
  const check = `schedule of ${instance}`;
  if (sight === null) return bad(check, 'there is none', 'Run kipu-referrals setup.');
  if (sight.paused) {
    const note = sight.note === null ? '' : `: ${sight.note}`;
    return bad(check, `paused${note}`, `Run kipu-referrals schedule resume ${instance}.`);
  }
  return good(check, `every ${sight.everyMinutes} min, next ${minute(sight.nextRunAt) ?? 'unknown'}`);
}

async function checkWorker(client: Client, namespace: string, taskQueue: string): Promise<Finding> {
  const fix = 'Run kipu-referrals start, or kipu-referrals worker with the same settings.';
  const queues = [
    { name: taskQueue, type: WORKFLOW_QUEUE },
    { name: kipuTaskQueue(taskQueue), type: ACTIVITY_QUEUE },
  ];
  try {
    const polled = await Promise.all(queues.map(({ name, type }) => pollersOf(client, namespace, name, type)));
    const least = Math.min(...polled);
    if (least > 0) return good('worker', `${counted(least, 'worker')} on task queue ${taskQueue}`);
    return bad('worker', `none polls task queue ${taskQueue}`, fix);
  } catch {
    return bad('worker', `task queue ${taskQueue} can't be read`, fix);
  }
}

async function pollersOf(client: Client, namespace: string, name: string, taskQueueType: number): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
  const since = Date.now() - POLLED_WITHIN_MS;
  const fresh = (pollers ?? []).filter((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  return new Set(fresh.map((poller) => poller.identity)).size;
}
