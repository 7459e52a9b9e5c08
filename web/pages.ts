import type { FastifyInstance } from 'fastify';
import type { InstanceDirectory } from '../client/connections/directory.ts';
import type { Store } from '../store/connect.ts';
import { type InstanceLookup, registerBehindSignIn, type SignInOptions } from './auth/index.ts';
import { attentionRoutes } from './staff/attention/routes.tsx';
import { auditRoutes } from './staff/audit/routes.tsx';
import { connectionRoutes } from './staff/connections/routes.tsx';
import type { StaffContext } from './staff/context.ts';
import { dayRoutes } from './staff/day/routes.tsx';
import { demoRoutes } from './staff/demo/routes.tsx';
import { readCounts } from './staff/frame.ts';
import { frameRoute } from './staff/frameRoute.tsx';
import { heldRoutes } from './staff/held/routes.tsx';
import { helpRoutes } from './staff/help/routes.tsx';
import { homeRoutes } from './staff/home/routes.tsx';
import { notificationRoutes } from './staff/notifications/routes.tsx';
import { peopleRoutes } from './staff/people/routes.tsx';
import { recordRoutes } from './staff/record/routes.tsx';
import { referralRoutes } from './staff/referrals/routes.tsx';
import { runRoutes } from './staff/runs/routes.tsx';
import { searchRoutes } from './staff/search/routes.tsx';
import { settingsRoutes } from './staff/settings/routes.tsx';
import { webhookPageRoutes } from './staff/webhooks/routes.tsx';
import { serviceZone } from './staff/zones.ts';
import { assetRoutes } from './ui/assets.ts';

interface PagesOptions extends Omit<SignInOptions, 'store' | 'instancesOf'> {
  store: Store;
  staff: Omit<StaffContext, 'store' | 'now' | 'instances'>;
  directory: InstanceDirectory;
}

/** Returns the plugin that adds the sign-in and the staff pages behind it. */
export function pages({ store, staff, directory, ...signIn }: PagesOptions): (scope: FastifyInstance) => Promise<void> {
  const context: StaffContext = {
    ...{ ...staff, store, now: signIn.now },
    // Instances are added and retired while the pages are served.
    get instances() {
      return directory.all();
    },
  };
  const behind: SignInOptions = {
    ...{ ...signIn, store, instancesOf: instanceLookup(store), zone: () => serviceZone(directory.all()) },
    counts: (who) => readCounts(context, who),
  };
  return (scope) => registerBehindSignIn(scope, behind, (pages) => staffRoutes(pages, context));
}

/** Adds the staff pages and their assets. Register it behind the sign-in, which sets the user of each request. */
export async function staffRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  await assetRoutes(scope);
  await homeRoutes(scope, staff);
  await attentionRoutes(scope, staff);
  await heldRoutes(scope, staff);
  await recordRoutes(scope, staff);
  await referralRoutes(scope, staff);
  await dayRoutes(scope, staff);
  await runRoutes(scope, staff);
  await webhookPageRoutes(scope, staff);
  await peopleRoutes(scope, staff);
  await auditRoutes(scope, staff);
  await notificationRoutes(scope, staff);
  await settingsRoutes(scope, staff);
  await searchRoutes(scope, staff);
  await frameRoute(scope, staff);
  await helpRoutes(scope, staff);
  await demoRoutes(scope, staff);
  await connectionRoutes(scope, staff);
}

/** Reads from the database to which instances records and runs belong. */
function instanceLookup({ collections: { records, runs } }: Pick<Store, 'collections'>): InstanceLookup {
  const projection = { instance: 1 };
  const found = async (documents: Promise<{ _id: string; instance: string }[]>) =>
    new Map((await documents).map(({ _id, instance }) => [_id, instance]));
  return {
    records: (ids) => found(records.find({ _id: { $in: [...ids] } }, { projection }).toArray()),
    runs: (ids) => found(runs.find({ _id: { $in: [...ids] } }, { projection }).toArray()),
  };
}
