import type { Client } from '@temporalio/client';
import type { ManageParts } from '../../client/connections/manage.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import { keepBriefly } from '../../client/keepBriefly.ts';
import type { SendTo } from '../../client/recipients.ts';
import { describeSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import type { Instance } from '../../config/instances.ts';
import type { ConnectionReport } from '../../connection/report.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { canSee, type SignedInUser } from '../../domain/role.ts';
import type { RunCounts } from '../../domain/run.ts';
import type { SettingView } from '../../domain/settingsFacts.ts';
import type { TimeZones } from '../../domain/time.ts';
import type { WebhookSecrets } from '../../domain/webhookSecrets.ts';
import type { Store } from '../../store/connect.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { withTimeout } from '../http/checks.ts';

interface StaffInstance extends TimeZones {
  name: string;
  /** The pages only check whether there are any. */
  webhookSecrets?: WebhookSecrets;
  lockPolicy?: LockPolicy;
  /** KIPU's address: a stand-in on this machine reaches what a real one cannot. */
  baseUrl?: string;
  /** The template of the address of a chart in KIPU's own pages. */
  chartUrl?: string | undefined;
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
  | 'notices'
  | 'unlockRequests'
  | 'pageStates'
  | 'disclosures'
  | 'recipients'
  | 'notifications'
  | 'accounts'
  | 'sessions'
  | 'knownDevices'
  | 'passwordLinks'
  | 'signInAttempts'
  | 'auditPages'
>;

/** What the pages of the KIPU connections need. */
export interface ConnectionsContext {
  manage: ManageParts;
  /** The instances of the settings. */
  fixed: readonly Instance[];
  isRetired(name: string): boolean;
  test(instance: Instance): Promise<ConnectionReport>;
  /** Lets this process and the schedules follow a change. What fails is done later. */
  apply(): Promise<void>;
}

export const demoActions = ['discharge', 'break-webhook', 'repair-webhook', 'take-down', 'bring-up'] as const;
export type DemoAction = (typeof demoActions)[number];

/** What the page *Demo* shows of an instance of the stand-in. */
export interface DemoState {
  instance: string;
  /** Whether KIPU's Chart Update webhook is on. */
  webhookWorks: boolean;
  /** Whether KIPU answers every request with an error. */
  isDown: boolean;
}

/** Changes of the stand-in of this process. */
export interface Demo {
  states(): DemoState[];
  act(instance: string, action: DemoAction): void;
}

/** Everything that the routes of the pages need. */
export interface StaffContext {
  store: StaffStore;
  /** The instances as they are now: read it for each request. */
  readonly instances: readonly StaffInstance[];
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
  connections: ConnectionsContext;
  /** Sends a message to a recipient. */
  sendTo: SendTo;
  /** Whether e-mail is set up. */
  hasMail: boolean;
  /** The host of NOTICE_URL; null where it is not set. */
  noticeHost: string | null;
  /** Returns the settings of this process as they are in force. */
  settings: () => readonly SettingView[];
  /** Changes a chart of the instance in the stand-in of this process, which then sends its webhook. */
  testWebhook?: (instance: string) => Promise<void>;
  /** With a stand-in in this process only. */
  demo?: Demo;
}

/** The instances of the settings and the connections are always as they are now; others are only in the database. */
const keptNames = keepBriefly<string[]>(5_000);

/** Returns the names of all instances the user may see: those in the settings, and those that were synced before. */
export async function visibleTo(
  who: SignedInUser,
  staff: Pick<StaffContext, 'store' | 'instances' | 'now'>,
): Promise<string[]> {
  const { store, instances, now } = staff;
  const names = () => keptNames.recent(store, '', now(), () => store.instances.names());
  return (await knownInstances({ store: { instances: { names } }, instances })).filter((name) => canSee(who, name));
}

const READ_MS = 2_000;

type Temporal = Pick<StaffContext, 'temporal'>;

/** Returns the instance's schedule, or null when it has none or Temporal does not answer in time. */
export function readSchedule({ temporal }: Temporal, instance: string): Promise<ScheduleStatus | null> {
  return withTimeout(READ_MS, describeSchedule(temporal(), instance)).catch(() => null);
}

/** Returns what a running sync has counted so far, or null when no worker answers in time. */
export function readProgress({ temporal }: Temporal, workflowId: string): Promise<RunCounts | null> {
  return withTimeout(READ_MS, temporal().workflow.getHandle(workflowId).query(progressQuery)).catch(() => null);
}
