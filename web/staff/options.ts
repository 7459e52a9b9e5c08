import type { Client } from '@temporalio/client';
import { knownInstances } from '../../client/knownInstances.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { canSee, type SignedInUser } from '../../domain/role.ts';
import type { Store } from '../../store/connect.ts';
import type { StaffActions } from './actions.ts';

export interface StaffInstance {
  name: string;
  /** Only whether there are any is looked at. */
  webhookSecrets?: readonly string[];
  lockPolicy?: LockPolicy;
}

/** What the pages read and write. */
export type StaffStore = Pick<
  Store,
  'records' | 'referrals' | 'runs' | 'instances' | 'webhookHealth' | 'detectedChanges' | 'deliveries' | 'auditEvents'
>;

/** What the pages know, whoever does the deeds. */
export interface StaffFacts {
  store: StaffStore;
  instances: readonly StaffInstance[];
  freshWithinMs: number;
  /** Where KIPU reaches us: `https://host`, without a slash behind. Asked when a page is shown. */
  webUrl: () => string;
  /** Temporal's own page; null where it is not known. */
  uiUrl: string | null;
  /** Temporal's namespace. */
  namespace: string;
  now: () => Date;
  /** Lets a stand-in that runs in this process change a chart of the instance, and so send its webhook. */
  testWebhook?: (instance: string) => Promise<void>;
}

export interface StaffOptions extends StaffFacts {
  taskQueue: string;
  /** A client whose connection may be lazy: pages are shown without Temporal too. */
  temporal: () => Client;
}

/** What the pages' routes are made of. */
export interface StaffContext extends StaffFacts {
  actions: StaffActions;
}

/** Names of all instances that the person may see: those of the settings, and those that were ever synced. */
export async function visibleTo(
  who: SignedInUser,
  staff: Pick<StaffContext, 'store' | 'instances'>,
): Promise<string[]> {
  return (await knownInstances(staff)).filter((name) => canSee(who, name));
}
