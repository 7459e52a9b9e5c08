import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WorkerVersion } from '../config/workerVersion.ts';

/** What a version does, by Temporal's number of its status. `draining`: runs that began on it have not ended yet. */
const STATUSES = ['unknown', 'inactive', 'current', 'ramping', 'draining', 'drained', 'inactive'] as const;

/** A deployment: the version that gets new work, and all versions that are known. */
export interface Deployment {
  name: string;
  /** Null: workers without a version get the work. */
  current: string | null;
  /** Whether a current version was ever set. */
  wasSet: boolean;
  versions: { buildId: string; status: (typeof STATUSES)[number] }[];
  conflictToken: Uint8Array | null;
}

const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
/** How long Temporal may take to know all task queues that a version polls. */
const KNOWN_WITHIN_MS = 15_000;

/** Returns a deployment, or null if no worker of it has polled yet. */
export async function readDeployment(client: Client, name: string): Promise<Deployment | null> {
  const { namespace } = client.options;
  try {
    const { workerDeploymentInfo: info, conflictToken } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName: name,
    });
    return {
      name,
      current: info?.routingConfig?.currentDeploymentVersion?.buildId ?? null,
      wasSet: info?.routingConfig?.currentVersionChangedTime != null,
      versions: (info?.versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
        buildId: deploymentVersion?.buildId ?? '',
        status: STATUSES[status ?? 0] ?? 'unknown',
      })),
      conflictToken: conflictToken ?? null,
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return null;
    throw error;
  }
}

/**
 * Lets a version get new work: new runs, and records that wait. `buildId` null: workers without a version get it. Temporal refuses
 * a version that does not poll what the current one polls, and, with the token, one that another process was faster than. It knows
 * what a worker polls some seconds after its start: without the token, this waits so long.
 */
export async function setCurrentVersion(
  client: Client,
  deployment: Pick<Deployment, 'name'> & { conflictToken?: Uint8Array | null },
  buildId: string | null,
): Promise<void> {
  for (const deadline = Date.now() + KNOWN_WITHIN_MS; ; await sleep(500)) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: client.options.namespace,
        deploymentName: deployment.name,
        buildId: buildId ?? '',
        ...(deployment.conflictToken == null ? {} : { conflictToken: deployment.conflictToken }),
      });
      return;
    } catch (error) {
      const mayPollSoon = error instanceof Error && 'code' in error && error.code === FAILED_PRECONDITION;
      if (!mayPollSoon || deployment.conflictToken != null || Date.now() > deadline) throw error;
    }
  }
}

interface BecomeOptions {
  log: { info(fields: object, text: string): void; warn(fields: object, text: string): void };
  signal: AbortSignal;
  pauseMs?: number;
}

/**
 * Makes the first version of a deployment its current one: until one is current, no worker of it gets any work. Later versions
 * become current by a command, and the log says so.
 */
export async function becomeFirstVersion(
  client: Client,
  version: WorkerVersion,
  options: BecomeOptions,
): Promise<void> {
  const { log, signal, pauseMs = 500 } = options;
  const fields = { deployment: version.deploymentName, buildId: version.buildId };
  for (let warned = false; !signal.aborted; ) {
    try {
      const found = await readDeployment(client, version.deploymentName);
      const isKnown = found?.versions.some(({ buildId }) => buildId === version.buildId) === true;
      if (found !== null && isKnown) {
        if (!found.wasSet) await setCurrentVersion(client, found, version.buildId);
        else if (found.current !== version.buildId) log.warn({ ...fields, current: found.current }, NOT_CURRENT);
        if (!found.wasSet) log.info(fields, 'this version is the first of its deployment and gets the work now');
        return;
      }
    } catch {
      // Another worker was faster, or Temporal does not answer: the next round shows it.
      if (!warned) log.warn(fields, 'the worker deployment could not be read or set in Temporal yet; trying again');
      warned = true;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

const NOT_CURRENT =
  'another version of the deployment gets new work: run kipu-referrals deployment set-current when this one is to get it';
