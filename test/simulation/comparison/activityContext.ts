import type { ActivityContext } from '../../../activities/context.ts';
import { KipuClient } from '../../../kipu/index.ts';
import { INSTANCE, type KipuWorld } from '../kipuWorld.ts';
import type { Plan } from '../plan.ts';

/** Returns what the activities of a plan need besides MongoDB and Temporal. */
export function contextOf(
  { setup: { maxInFlight, bulkFrom, pageSize, policy } }: Plan,
  { instance }: KipuWorld,
  now: () => Date,
): Omit<ActivityContext, 'store' | 'workflows' | 'taskQueue'> {
  const { accessId, secretKey, appId } = instance.layout.credentials;
  const kipu = new KipuClient({ baseUrl: 'https://kipu.invalid', accessId, secretKey, appId, now });
  return {
    ...{ noticeUrl: null, unlockByHand: true, now },
    instances: new Map([[INSTANCE, { kipu, lockPolicy: policy, timeZone: 'UTC' }]]) as never,
    runs: { lookBackDays: 3, fullRunHour: 3, maxInFlight, bulkFrom, pageSize, webhookGraceMs: 600_000 },
  };
}
