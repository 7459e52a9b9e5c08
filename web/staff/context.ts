import type { Client } from '@temporalio/client';
import { knownInstances } from '../../client/knownInstances.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { canSee, type SignedInUser } from '../../domain/role.ts';
import type { Store } from '../../store/connect.ts';

interface StaffInstance {
  name: string;
  /** The pages only check whether there are any. */
  webhookSecrets?: readonly string[];
  lockPolicy?: LockPolicy;
}

/** The part of the store that the pages read and write. */
export type StaffStore = Pick<
  Store,
  | 'records'
  | 'referrals'
  | 'runs'
  | 'instances'
  | 'webhookHealth'
  | 'detectedChanges'
  | 'deliveries'
  | 'auditEvents'
  | 'disclosures'
>;

/** Everything that the routes of the pages need. */
export interface StaffContext {
  store: StaffStore;
  instances: readonly StaffInstance[];
  freshWithinMs: number;
  /** Where KIPU reaches this service: `https://host`, without a trailing slash. Called each time a page needs it. */
  webUrl: () => string;
  /** The address of Temporal's web UI; null when it is not known. */
  uiUrl: string | null;
  /** Temporal's namespace. */
  namespace: string;
  taskQueue: string;
  /** A client whose connection may be lazy: pages also work while Temporal is down. */
  temporal: () => Client;
  now: () => Date;
  /** Changes a chart of the instance in the stand-in of this process, which then sends its webhook. */
  testWebhook?: (instance: string) => Promise<void>;
}

/** Returns the names of all instances the user may see: those in the settings, and those that were synced before. */
export async function visibleTo(
  who: SignedInUser,
  staff: Pick<StaffContext, 'store' | 'instances'>,
): Promise<string[]> {
  return (await knownInstances(staff)).filter((name) => canSee(who, name));
}
