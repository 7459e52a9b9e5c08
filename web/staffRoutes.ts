import type { FastifyInstance } from 'fastify';
import { createActions } from './staff/actions.ts';
import { heldRoutes } from './staff/held/routes.tsx';
import { homeRoutes } from './staff/home/routes.tsx';
import type { StaffContext, StaffOptions } from './staff/options.ts';
import { recordRoutes } from './staff/record/routes.tsx';
import { referralRoutes } from './staff/referrals/routes.tsx';
import { runRoutes } from './staff/runs/routes.tsx';
import { webhookPageRoutes } from './staff/webhooks/routes.tsx';
import { assetRoutes } from './ui/assets.ts';

export type { StaffActions } from './staff/actions.ts';
export type { StaffContext, StaffFacts, StaffInstance, StaffOptions, StaffStore } from './staff/options.ts';

/** The pages, and what they are drawn with. To be added behind the guard, which says who is there. */
export async function staffRoutes(scope: FastifyInstance, options: StaffOptions): Promise<void> {
  const { temporal, taskQueue, ...facts } = options;
  await pageRoutes(scope, { ...facts, actions: createActions(facts.store, temporal, taskQueue) });
}

/** The same, with deeds of one's own. */
export async function pageRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  await assetRoutes(scope);
  await homeRoutes(scope, staff);
  await heldRoutes(scope, staff);
  await recordRoutes(scope, staff);
  await referralRoutes(scope, staff);
  await runRoutes(scope, staff);
  await webhookPageRoutes(scope, staff);
}
