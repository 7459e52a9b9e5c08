import type { FastifyInstance } from 'fastify';
import { assetRoutes } from './assets.ts';
import { deedsOf } from './deeds.ts';
import { heldRoutes } from './held/routes.tsx';
import { homeRoutes } from './home/routes.tsx';
import type { Staff, StaffOptions } from './options.ts';
import { recordRoutes } from './record/routes.tsx';
import { referralRoutes } from './referrals/routes.tsx';
import { runRoutes } from './runs/routes.tsx';
import { webhookPageRoutes } from './webhooks/routes.tsx';

export type { Deeds } from './deeds.ts';
export type { Staff, StaffFacts, StaffInstance, StaffOptions, StaffStore } from './options.ts';

/** The pages, and what they are drawn with. To be added behind the guard, which says who is there. */
export async function staffRoutes(scope: FastifyInstance, options: StaffOptions): Promise<void> {
  const { temporal, taskQueue, ...facts } = options;
  await pageRoutes(scope, { ...facts, deeds: deedsOf(temporal, taskQueue) });
}

/** The same, with deeds of one's own. */
export async function pageRoutes(scope: FastifyInstance, staff: Staff): Promise<void> {
  await assetRoutes(scope);
  await homeRoutes(scope, staff);
  await heldRoutes(scope, staff);
  await recordRoutes(scope, staff);
  await referralRoutes(scope, staff);
  await runRoutes(scope, staff);
  await webhookPageRoutes(scope, staff);
}
