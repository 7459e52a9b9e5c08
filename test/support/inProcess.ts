import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { onTestFinished } from 'vitest';
import type { ActivityContext } from '../../activities/context.ts';
import { createKipuActivities, createStoreActivities } from '../../activities/index.ts';
import type { StandIn } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { DEFAULT_DIGEST, KipuClient } from '../../kipu/index.ts';
import { openStore } from '../../store/connect.ts';
import { newDatabaseName } from './mongoServer.ts';

export interface InProcess {
  uri: string;
  standIn: StandIn;
  lockPolicy: LockPolicy;
  now: () => Date;
  pageSize: number;
}

/**
 * The activities, in this process and without Temporal, for the stand-in's first instance and on a database
 * of their own. What they opened is closed when the test has ended.
 */
export async function activitiesInProcess(options: InProcess) {
  const { uri, standIn, lockPolicy, now, pageSize } = options;
  const store = openStore({ uri, database: newDatabaseName() });
  onTestFinished(() => store.close());
  await store.setUp();
  const [credentials] = standIn.instances;
  if (credentials === undefined) throw new Error('the stand-in has no instance');
  const instance = credentials.name;
  const kipu = new KipuClient({ ...credentials, digest: DEFAULT_DIGEST, baseUrl: standIn.url });
  onTestFinished(() => kipu.close());
  // Nothing here starts a workflow or sends a notice.
  const context = {
    ...{ store, runs: { pageSize, bulkFrom: 0, webhookGraceMs: 300_000 }, unlockByHand: true, now, noticeUrl: null },
    instances: new Map([[instance, { kipu, lockPolicy, timeZone: 'America/New_York' }]]),
  } as unknown as ActivityContext;
  const kipuActivities = createKipuActivities(context);
  await inActivity(kipuActivities.readLocations, { instance });
  return { context, store, kipu, instance, kipuActivities, storeActivities: createStoreActivities(context) };
}

/** Runs an activity as a worker would; without a name it is one that never ran before. */
export function inActivity<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  input: Input,
  { name = randomUUID(), attempt = 1 }: { name?: string; attempt?: number } = {},
): Promise<Output> {
  const environment = new MockActivityEnvironment({ activityId: name, attempt });
  return environment.run(activity, input) as Promise<Output>;
}
