import { type Db, type Document, MongoServerError } from 'mongodb';
import { createIndexes, type NamedIndex, sameText } from './indexes.ts';
import { schemaOf } from './migrations/index.ts';
import { referralOrders } from './referralLists.ts';
import { schemas } from './schemas.ts';

const NAMESPACE_EXISTS = 48;
const UPTIME_KEPT_DAYS = 90;

/**
 * Creates collections, validators and indexes, updates existing ones, and then runs the migrations. Safe to repeat, also by several
 * processes at once.
 * @throws SchemaError where a newer version has changed the documents: its validators stay
 */
export async function setUp(db: Db): Promise<void> {
  const schema = schemaOf(db);
  await schema.refuseNewer();
  const existing = new Map((await db.listCollections({}, { nameOnly: false }).toArray()).map((one) => [one.name, one]));
  for (const [name, schema] of Object.entries(schemas)) {
    // Moderate: a document from before an upgrade that violates the new rules must not block its instance's runs.
    const wanted = { validator: { $jsonSchema: schema }, validationLevel: 'moderate' };
    const found = existing.get(name)?.options;
    if (found !== undefined && sameText(pick(found), wanted)) continue;
    if (found === undefined) await createCollection(db, name);
    await db.command({ collMod: name, ...wanted });
  }
  const make = (name: string, indexes: NamedIndex[]) => createIndexes(db.collection(name), indexes);
  await make('records', [
    { key: { instance: 1, casefileId: 1 }, name: 'chart', unique: true },
    { key: { instance: 1, _id: 1 }, name: 'owed', partialFilterExpression: { pending: true } },
    { key: { status: 1, instance: 1, dischargedAt: 1, _id: 1 }, name: 'status' },
    { key: { updatedAt: -1, _id: 1 }, name: 'newest' },
    {
      key: { status: 1, instance: 1, 'chart.locationName': 1, dischargedAt: 1, _id: 1 },
      name: 'statusAt',
    },
    {
      key: { status: 1, instance: 1, 'hold.since': 1, _id: 1 },
      name: 'heldSinceThen',
      partialFilterExpression: { status: 'held' },
    },
    {
      key: { status: 1, instance: 1, 'failure.at': 1 },
      name: 'failedThen',
      partialFilterExpression: { status: 'failed' },
    },
    {
      key: { instance: 1, 'failure.since': 1 },
      name: 'failingSince',
      partialFilterExpression: { 'failure.since': { $gt: new Date(0) } },
    },
    ...(['lastFirst', 'firstLast', 'number'] as const).flatMap((name) => [
      { key: { instance: 1, [`search.${name}`]: 1 } as const, name: `${name}OfAll` },
      {
        key: { status: 1, instance: 1, [`search.${name}`]: 1, _id: 1 } as const,
        name: `${name}OfHeld`,
        partialFilterExpression: { status: 'held' },
      },
    ]),
  ]);
  // In a command of its own: the build of all indexes of a large collection takes long.
  await make('records', [
    { key: { 'failure.code': 1, status: 1, instance: 1, dischargedAt: 1, _id: 1 }, name: 'fault' },
  ]);
  await make('referrals', [
    { key: { instance: 1, casefileId: 1 }, name: 'chart', unique: true },
    { key: { updatedAt: -1, _id: 1 }, name: 'newest' },
    { key: { 'consent.at': 1 }, name: 'consent' },
    // Descending orders read the index backwards, so ids are ascending in all of them.
    ...Object.values(referralOrders).map(({ field, direction }) => ({
      key: { instance: 1, status: 1, [field]: 1, _id: direction } as const,
      name: `in the order of ${field}`,
    })),
  ]);
  await make('runs', [
    { key: { instance: 1, status: 1, startedAt: -1 }, name: 'standing' },
    { key: { instance: 1, status: 1, mode: 1, startedAt: -1 }, name: 'standingOfMode' },
    { key: { instance: 1, startedAt: -1, _id: 1 }, name: 'newestOf' },
    { key: { startedAt: -1 }, name: 'newest' },
  ]);
  await make('runPages', [
    { key: { run: 1, casefileIds: 1 }, name: 'charts' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('deliveries', [
    {
      key: { instance: 1, webhook: 1, casefileId: 1 },
      name: 'onePerChart',
      unique: true,
      partialFilterExpression: { state: 'waiting', signed: false },
    },
    { key: { receivedAt: 1, _id: 1 }, name: 'waiting', partialFilterExpression: { state: 'waiting' } },
    { key: { instance: 1, casefileId: 1, lastReceivedAt: -1 }, name: 'announced' },
    { key: { instance: 1, webhook: 1, lastReceivedAt: -1 }, name: 'newest' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('webhookHealth', [{ key: { instance: 1, webhook: 1, locationId: 1 }, name: 'location' }]);
  await make('detectedChanges', [
    { key: { instance: 1, detectedAt: 1 }, name: 'toJudge', partialFilterExpression: { result: null } },
    { key: { run: 1, casefileIds: 1 }, name: 'charts' },
    { key: { record: 1 }, name: 'record' },
    { key: { instance: 1, webhook: 1, locationId: 1, result: 1, detectedAt: -1 }, name: 'evidence' },
    { key: { instance: 1, detectedAt: -1 }, name: 'missed', partialFilterExpression: { result: 'missed' } },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('notices', [
    { key: { at: -1 }, name: 'newest' },
    { key: { instance: 1, 'condition.key': 1, 'condition.number': -1 }, name: 'condition' },
    { key: { instance: 1 }, name: 'open', partialFilterExpression: { 'condition.open': true } },
    { key: { at: 1 }, name: 'forRecipients', partialFilterExpression: { forRecipients: true } },
  ]);
  await make('notifications', [
    { key: { nextTryAt: 1 }, name: 'waiting', partialFilterExpression: { state: 'waiting' } },
    { key: { recipient: 1, at: -1 }, name: 'recipient' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('receiverUptime', [{ key: { to: 1 }, name: 'expired', expireAfterSeconds: UPTIME_KEPT_DAYS * 86_400 }]);
  await make('accounts', [{ key: { name: 1 }, name: 'name', unique: true }]);
  await make('sessions', [
    { key: { account: 1 }, name: 'account' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('signInChallenges', [{ key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 }]);
  await make('passwordLinks', [{ key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 }]);
  await make('knownDevices', [
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
    { key: { account: 1 }, name: 'account' },
  ]);
  await make('signInAttempts', [{ key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 }]);
  await make('pageStates', [{ key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 }]);
  await make('disclosures', [
    { key: { record: 1, at: 1 }, name: 'record' },
    { key: { event: 1 }, name: 'event' },
  ]);
  await make('kipuConnections', [{ key: { state: 1 }, name: 'state' }]);
  await make('purged', [{ key: { record: 1 }, name: 'record' }]);
  await make('auditEvents', [
    { key: { record: 1, at: 1 }, name: 'record' },
    { key: { at: -1, seq: -1 }, name: 'newest' },
    { key: { records: 1, at: -1 }, name: 'shown', sparse: true },
    { key: { who: 1, at: -1 }, name: 'person' },
    { key: { what: 1, at: -1, seq: -1 }, name: 'what' },
    // Sparse, because entries from before the chain have no place number.
    { key: { seq: 1 }, name: 'place', unique: true, sparse: true },
  ]);
  await schema.migrate();
}

/** Returns the collections that do not exist or have no validator: those that `setUp` would create. */
export async function missingCollections(db: Db): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: false }).toArray();
  const validated = new Set(found.flatMap(({ name, options }) => (options?.validator ? [name] : [])));
  return Object.keys(schemas).filter((name) => !validated.has(name));
}

function pick({ validator, validationLevel }: Document): Document {
  return { validator, validationLevel };
}

async function createCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
  }
}
