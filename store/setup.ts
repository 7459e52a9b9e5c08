import { type Db, MongoServerError } from 'mongodb';
import { createIndexes, type NamedIndex } from './indexes.ts';
import { backfillSearch } from './recordFillSearch.ts';
import { referralOrders } from './referralLists.ts';
import { schemas } from './schemas.ts';

const NAMESPACE_EXISTS = 48;
const UPTIME_KEPT_DAYS = 90;

/** Makes collections, validators and indexes; brings those that exist up to date. Safe to repeat, also by several at once. */
export async function setUp(db: Db): Promise<void> {
  for (const [name, schema] of Object.entries(schemas)) {
    await makeCollection(db, name);
    // Moderate: a document from before an upgrade, which fits the new rules no more, must not block its instance's runs.
    await db.command({ collMod: name, validator: { $jsonSchema: schema }, validationLevel: 'moderate' });
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
      key: { status: 1, instance: 1, 'hold.since': 1 },
      name: 'heldSinceThen',
      partialFilterExpression: { status: 'held' },
    },
    {
      key: { status: 1, instance: 1, 'failure.at': 1 },
      name: 'failedThen',
      partialFilterExpression: { status: 'failed' },
    },
    ...(['lastFirst', 'firstLast', 'number'] as const).flatMap((name) => [
      { key: { instance: 1, [`search.${name}`]: 1 } as const, name: `${name}OfAll` },
      {
        key: { status: 1, instance: 1, [`search.${name}`]: 1 } as const,
        name: `${name}OfHeld`,
        partialFilterExpression: { status: 'held' },
      },
    ]),
  ]);
  await backfillSearch(db);
  await dropHealthWithoutLocations(db);
  await make('referrals', [
    { key: { instance: 1, casefileId: 1 }, name: 'chart', unique: true },
    { key: { updatedAt: -1, _id: 1 }, name: 'newest' },
    // Read backwards where the order goes down: ids go up in each.
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
    { key: { run: 1 }, name: 'run' },
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
    { key: { run: 1 }, name: 'run' },
    { key: { instance: 1, webhook: 1, locationId: 1, result: 1, detectedAt: -1 }, name: 'evidence' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('notices', [{ key: { at: -1 }, name: 'newest' }]);
  await make('receiverUptime', [{ key: { to: 1 }, name: 'expired', expireAfterSeconds: UPTIME_KEPT_DAYS * 86_400 }]);
  await make('accounts', [{ key: { name: 1 }, name: 'name', unique: true }]);
  await make('sessions', [
    { key: { account: 1 }, name: 'account' },
    { key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 },
  ]);
  await make('signInAttempts', [{ key: { expiresAt: 1 }, name: 'expired', expireAfterSeconds: 0 }]);
  await make('auditEvents', [
    { key: { record: 1, at: 1 }, name: 'record' },
    { key: { at: -1, seq: -1 }, name: 'newest' },
    // Sparse: entries from before the chain have no place in it.
    { key: { seq: 1 }, name: 'place', unique: true, sparse: true },
  ]);
}

/** What was measured before health was per location can't be told apart by location: it is measured anew. */
async function dropHealthWithoutLocations(db: Db): Promise<void> {
  for (const name of ['webhookHealth', 'detectedChanges'])
    await db.collection(name).deleteMany({ locationId: { $exists: false } });
}

/** The collections that are not there, or not guarded by a validator: what `setUp` would make. */
export async function missingCollections(db: Db): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: false }).toArray();
  const guarded = new Set(found.flatMap(({ name, options }) => (options?.validator ? [name] : [])));
  return Object.keys(schemas).filter((name) => !guarded.has(name));
}

async function makeCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
  }
}
