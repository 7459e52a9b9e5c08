import { type Collection, type Db, MongoClient } from 'mongodb';
import type {
  AccountDocument,
  AuditCheckDocument,
  AuditDocument,
  AuditHeadDocument,
  KnownDeviceDocument,
  PageStateDocument,
  PasswordLinkDocument,
  SessionDocument,
  SettingsSnapshotDocument,
  SignInAttemptsDocument,
  SignInChallengeDocument,
} from './accessDocuments.ts';
import { accounts } from './accounts.ts';
import { auditEvents } from './auditEvents.ts';
import { auditPages } from './auditPages.ts';
import { type CallSlotDocument, callSlots } from './callSlots.ts';
import { endRequestsOfClosedSockets } from './closedSockets.ts';
import { deliveries } from './deliveries.ts';
import { detectedChanges } from './detectedChanges.ts';
import type { DisclosureDocument, PurgedDocument } from './disclosureDocuments.ts';
import { disclosures } from './disclosures.ts';
import type {
  DeliveryDocument,
  DetectedChangeDocument,
  NoticeDocument,
  ReceiverUptimeDocument,
  RecordDocument,
  ReferralDocument,
  RunDocument,
  WebhookHealthDocument,
} from './documents.ts';
import { type InstanceDocument, instances } from './instances.ts';
import { type KipuConnectionDocument, kipuConnections } from './kipuConnections.ts';
import type { MigrationDocument } from './migrations/documents.ts';
import { schemaOf } from './migrations/index.ts';
import { notices } from './notices.ts';
import type { NotificationDocument, RecipientDocument } from './notificationDocuments.ts';
import { notifications } from './notifications.ts';
import { pageStates } from './pageStates.ts';
import { purged } from './purged.ts';
import { receiverUptime } from './receiverUptime.ts';
import { recipients } from './recipients.ts';
import { records } from './records.ts';
import { referrals } from './referrals.ts';
import { type RunPageDocument, runPages } from './runPages.ts';
import { runs } from './runs.ts';
import { settingsSnapshots } from './settingsFacts.ts';
import { missingCollections, setUp } from './setup.ts';
import { knownDevices, passwordLinks, sessions, signInAttempts, signInChallenges } from './signIn.ts';
import { type UnlockRequestDocument, unlockRequests } from './unlockRequests.ts';
import { webhookHealth } from './webhookHealth.ts';

/** The collections of the service. */
export interface Collections {
  records: Collection<RecordDocument>;
  referrals: Collection<ReferralDocument>;
  runs: Collection<RunDocument>;
  runPages: Collection<RunPageDocument>;
  instances: Collection<InstanceDocument>;
  webhookHealth: Collection<WebhookHealthDocument>;
  auditEvents: Collection<AuditDocument>;
  unlockRequests: Collection<UnlockRequestDocument>;
  auditHead: Collection<AuditHeadDocument>;
  auditChecks: Collection<AuditCheckDocument>;
  settingsSnapshots: Collection<SettingsSnapshotDocument>;
  deliveries: Collection<DeliveryDocument>;
  receiverUptime: Collection<ReceiverUptimeDocument>;
  callSlots: Collection<CallSlotDocument>;
  detectedChanges: Collection<DetectedChangeDocument>;
  notices: Collection<NoticeDocument>;
  recipients: Collection<RecipientDocument>;
  notifications: Collection<NotificationDocument>;
  accounts: Collection<AccountDocument>;
  sessions: Collection<SessionDocument>;
  knownDevices: Collection<KnownDeviceDocument>;
  signInChallenges: Collection<SignInChallengeDocument>;
  passwordLinks: Collection<PasswordLinkDocument>;
  signInAttempts: Collection<SignInAttemptsDocument>;
  pageStates: Collection<PageStateDocument>;
  disclosures: Collection<DisclosureDocument>;
  purged: Collection<PurgedDocument>;
  kipuConnections: Collection<KipuConnectionDocument>;
  migrations: Collection<MigrationDocument>;
}

/** Everything that the service stores, one property per collection. */
export type Store = ReturnType<typeof storeOf> & {
  /** Creates what is missing and updates validators. Safe at every start, also by several processes at once. */
  setUp(): Promise<void>;
  /** Connects where the first operation could not: the driver does not try that again, and fails every later operation. */
  connect(): Promise<void>;
  close(): Promise<void>;
};

/** Follows each command that is sent to MongoDB, by the id of its request. Nothing of its contents is passed on. */
export interface CommandMonitor {
  started(id: number, operation: string, collection: string | null): void;
  ended(id: number, failed: boolean): void;
}

export interface StoreOptions {
  uri: string;
  database: string;
  auditKeys?: readonly string[] | undefined;
  /** How long an answer may take, except those of the set-up. Default 30 seconds. */
  answerTimeoutMs?: number | undefined;
  /** Called with the name of each command that is sent to MongoDB. */
  onCommand?: ((name: string) => void) | undefined;
  monitor?: CommandMonitor | undefined;
}

/** Opens the store. Connects at the first operation. `setUp()` creates collections, validators and indexes. */
export function openStore(options: StoreOptions): Store {
  const client = openClient(options, options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS);
  let isClosed = false;
  let settingUp: MongoClient | null = null;
  // A server answers when an index is built, which takes minutes for a large collection. One that is gone closes the connection.
  const setUpPatiently = async () => {
    const patient = openClient(options, 0);
    settingUp = patient;
    try {
      await setUp(patient.db(options.database));
    } finally {
      await patient.close();
    }
  };
  return {
    ...storeOf(client.db(options.database), options.auditKeys ?? [], setUpPatiently),
    async connect() {
      if (!isClosed) await client.connect();
    },
    async close() {
      isClosed = true;
      await Promise.all([client.close(), settingUp?.close()]);
    },
  };
}

const ANSWER_TIMEOUT_MS = 30_000;

/** Opens a client whose requests fail when no answer comes for so long; 0 is without end. */
function openClient({ uri, onCommand, monitor }: StoreOptions, timeoutMs: number): MongoClient {
  endRequestsOfClosedSockets();
  const client = new MongoClient(uri, {
    appName: 'kipu-referrals',
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    retryWrites: true,
    ignoreUndefined: true,
    // Shorter than the timeout of an activity, so that Temporal shows the error and retries.
    serverSelectionTimeoutMS: 8_000,
    connectTimeoutMS: 5_000,
    socketTimeoutMS: timeoutMs,
    monitorCommands: onCommand !== undefined || monitor !== undefined,
  });
  if (onCommand !== undefined) client.on('commandStarted', ({ commandName }) => onCommand(commandName));
  if (monitor !== undefined) follow(client, monitor);
  return client;
}

function follow(client: MongoClient, monitor: CommandMonitor): void {
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    const named: unknown = commandName === 'getMore' ? command.collection : command[commandName];
    monitor.started(requestId, commandName, typeof named === 'string' ? named : null);
  });
  client.on('commandSucceeded', ({ requestId }) => monitor.ended(requestId, false));
  client.on('commandFailed', ({ requestId }) => monitor.ended(requestId, true));
}

/** Returns the operations on a database, however it is connected. */
export function storeOf(db: Db, auditKeys: readonly string[], setUpAll = () => setUp(db)) {
  const collections: Collections = {
    records: db.collection('records'),
    referrals: db.collection('referrals'),
    runs: db.collection('runs'),
    runPages: db.collection('runPages'),
    instances: db.collection('instances'),
    webhookHealth: db.collection('webhookHealth'),
    auditEvents: db.collection('auditEvents'),
    unlockRequests: db.collection('unlockRequests'),
    auditHead: db.collection('auditHead'),
    auditChecks: db.collection('auditChecks'),
    settingsSnapshots: db.collection('settingsSnapshots'),
    deliveries: db.collection('deliveries'),
    receiverUptime: db.collection('receiverUptime'),
    callSlots: db.collection('callSlots'),
    detectedChanges: db.collection('detectedChanges'),
    notices: db.collection('notices'),
    recipients: db.collection('recipients'),
    notifications: db.collection('notifications'),
    accounts: db.collection('accounts'),
    sessions: db.collection('sessions'),
    knownDevices: db.collection('knownDevices'),
    signInChallenges: db.collection('signInChallenges'),
    passwordLinks: db.collection('passwordLinks'),
    signInAttempts: db.collection('signInAttempts'),
    pageStates: db.collection('pageStates'),
    disclosures: db.collection('disclosures'),
    purged: db.collection('purged'),
    kipuConnections: db.collection('kipuConnections'),
    migrations: db.collection('migrations'),
  };
  const purgedCharts = purged(collections.purged);
  const uptime = receiverUptime(collections.receiverUptime);
  return {
    collections,
    records: records(collections.records, purgedCharts),
    referrals: referrals(collections.referrals),
    runs: runs(collections.runs),
    runPages: runPages(collections.runPages),
    instances: instances(collections.instances),
    webhookHealth: webhookHealth(collections.webhookHealth, uptime.lastKnown),
    auditEvents: auditEvents(collections.auditEvents, collections.auditHead, auditKeys),
    auditPages: auditPages(collections.auditEvents, collections.auditChecks),
    unlockRequests: unlockRequests(collections.unlockRequests),
    settingsSnapshots: settingsSnapshots(collections.settingsSnapshots),
    deliveries: deliveries(collections.deliveries),
    receiverUptime: uptime,
    callSlots: callSlots(collections.callSlots),
    detectedChanges: detectedChanges(collections.detectedChanges),
    notices: notices(collections.notices),
    recipients: recipients(collections.recipients),
    notifications: notifications(collections.notifications),
    accounts: accounts(collections.accounts),
    sessions: sessions(collections.sessions),
    knownDevices: knownDevices(collections.knownDevices),
    signInChallenges: signInChallenges(collections.signInChallenges),
    passwordLinks: passwordLinks(collections.passwordLinks),
    signInAttempts: signInAttempts(collections.signInAttempts),
    pageStates: pageStates(collections.pageStates),
    disclosures: disclosures(collections.disclosures, collections.auditEvents),
    purged: purgedCharts,
    kipuConnections: kipuConnections(collections.kipuConnections),
    schema: schemaOf(db),
    /** Creates what is missing, updates validators and runs the migrations. Safe at every start, also by several processes at once. */
    setUp: setUpAll,
    /** Sets up a database that is new. With others it needs no right to create indexes, which the documented role does not have. */
    setUpIfNew: async () => {
      if ((await missingCollections(db)).length > 0) await setUpAll();
    },
    /** Returns the collections that `setUp` has yet to create. */
    missingCollections: () => missingCollections(db),
    /** Resolves if the database answers. */
    ping: async () => void (await db.command({ ping: 1 })),
  };
}
