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
    const polled = await Promise.all(queues.map(({ name, type }) => readQueue(client, namespace, name, type)));
    const workers = Math.min(...polled.map(({ pollers }) => new Set(pollers.map(({ identity }) => identity)).size));
    if (workers === 0) return bad('worker', `none polls task queue ${taskQueue}`, fix);
    const unrouted = polled.map(routingProblem).find((problem) => problem !== null);
    if (unrouted != null) return bad('worker', unrouted, 'See kipu-referrals deployment show, and docs/releases.md.');
    return good('worker', `${counted(workers, 'worker')} on task queue ${taskQueue}`);
  } catch {
    return bad('worker', `task queue ${taskQueue} can't be read`, fix);
  }
}

/** A task queue: the version that gets its work (null: workers without one), and who polled it recently. */
interface PolledQueue {
  current: string | null;
  pollers: { identity: string; version: string | null }[];
}

/** Returns why the workers that poll a task queue get none of its work; null where one does. */
export function routingProblem({ current, pollers }: PolledQueue): string | null {
  if (pollers.some(({ version }) => version === current)) return null;
  const polling = [...new Set(pollers.map(({ version }) => version ?? 'workers without a version'))].join(', ');
  const wanted = current === null ? 'workers without a version get' : `version ${current} gets`;
  return `${wanted} the work, and none of them polls: only ${polling}`;
}

const VERSIONED = 2;

async function readQueue(client: Client, namespace: string, name: string, taskQueueType: number): Promise<PolledQueue> {
  const { pollers, versioningInfo } = await client.workflowService.describeTaskQueue({
    ...{ namespace, taskQueue: { name }, taskQueueType },
  });
  const since = Date.now() - POLLED_WITHIN_MS;
  const recent = (pollers ?? []).filter((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  return {
    current: versionText(versioningInfo?.currentDeploymentVersion),
    pollers: recent.map(({ identity, deploymentOptions }) => ({
      identity: identity ?? '',
      version: deploymentOptions?.workerVersioningMode === VERSIONED ? versionText(deploymentOptions) : null,
    })),
  };
}

function versionText(
  version: { deploymentName?: string | null; buildId?: string | null } | null | undefined,
): string | null {
  return version?.buildId ? `${version.deploymentName}/${version.buildId}` : null;
}
