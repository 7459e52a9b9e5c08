import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { oldestAfter } from '../../domain/schemaStanding.ts';
import { isDuplicateKey } from '../conflict.ts';
import { SCHEMA_VERSION } from '../documents.ts';
import type { MigrationDocument } from './documents.ts';
import { type Migration, migrationId, type Stored } from './migration.ts';

/** A process that is killed keeps a migration so long; another one then continues it. */
const LEASE_MS = 30_000;
const BATCH = 500;
/** Between two batches a process rests as long as the last one took, so that workers find the database free. */
const LONGEST_REST_MS = 1_000;
const POLL_MS = 100;

export interface MigrateOptions {
  /** Called after each batch, and when another process has the migration. */
  onProgress?: ((progress: MigrationProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Other values, for tests. */
  leaseMs?: number | undefined;
  batch?: number | undefined;
}

/** How far a migration is. */
export interface MigrationProgress {
  id: string;
  state: 'running' | 'waiting' | 'done';
  read: number;
  changed: number;
}

/**
 * Runs those of the migrations that are not done, in their order. One process at a time runs a migration, others wait for it. One
 * that was killed is continued from its last batch.
 */
export async function migrate(db: Db, migrations: readonly Migration[], options: MigrateOptions = {}): Promise<void> {
  const states = db.collection<MigrationDocument>('migrations');
  const done = new Set((await states.find({ doneAt: { $ne: null } }).toArray()).map(({ _id }) => _id));
  for (const migration of migrations) {
    if (!done.has(migrationId(migration))) await runToEnd({ db, states, migration, options, me: randomUUID() });
  }
}

interface Run {
  db: Db;
  states: Collection<MigrationDocument>;
  migration: Migration;
  options: MigrateOptions;
  /** This process, in `heldBy`. */
  me: string;
}

async function runToEnd(run: Run): Promise<void> {
  const { migration, options, me } = run;
  const isContinued = !(await begin(run));
  for (let waits = false; ; ) {
    const claimed = await claim(run);
    if (claimed === null) return;
    if (claimed.heldBy === me) {
      if (await work(run, claimed, isContinued)) return;
      continue;
    }
    if (!waits) options.onProgress?.({ id: migrationId(migration), state: 'waiting', ...counts(claimed) });
    waits = true;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
}

/** Stores that the migration begins: from now on older programs that must not run are refused. Returns false if it had begun before. */
async function begin({ states, migration }: Run): Promise<boolean> {
  const fresh = {
    ...{ schemaVersion: SCHEMA_VERSION, number: migration.number, oldest: oldestAfter(migration), last: null },
    ...{ read: 0, changed: 0, changedInPass: 0, heldBy: null, heldUntil: new Date(0) },
    ...{ startedAt: new Date(), doneAt: null },
  };
  try {
    const { upsertedCount } = await states.updateOne(
      { _id: migrationId(migration) },
      { $setOnInsert: fresh },
      { upsert: true },
    );
    return upsertedCount > 0;
  } catch (error) {
    // Another process was first.
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** Takes the migration if no other process has it, and returns its state, also when another has it. Returns null once it is done. */
async function claim(run: Run): Promise<MigrationDocument | null> {
  const { states, me } = run;
  const seen = await states.findOne({ _id: migrationId(run.migration), doneAt: null });
  if (seen === null || seen.heldUntil > (await databaseTime(run.db))) return seen;
  const { _id, heldBy, heldUntil } = seen;
  const isUnchanged = { _id, doneAt: null, heldBy, heldUntil };
  const claimed = { $set: { heldBy: me, heldUntil: await leaseEnd(run) } };
  return (await states.findOneAndUpdate(isUnchanged, claimed, { returnDocument: 'after' })) ?? claim(run);
}

/** Returns the time by the database's clock: those of two machines may differ. */
async function databaseTime(db: Db): Promise<Date> {
  const { localTime } = await db.command({ hello: 1 });
  return localTime instanceof Date ? localTime : new Date();
}

async function leaseEnd({ db, options }: Run): Promise<Date> {
  return new Date((await databaseTime(db)).getTime() + (options.leaseMs ?? LEASE_MS));
}

/**
 * Reads the documents to change, in the order of their ids, and changes them. A pass that changed something is followed by
 * another, because a worker of the version before may have written behind it. Returns false when another process took it over.
 */
async function work(run: Run, from: MigrationDocument, isContinued: boolean): Promise<boolean> {
  const { options } = run;
  const size = options.batch ?? BATCH;
  let { last } = from;
  // The process before may have changed a batch without storing that.
  let changedInPass = from.changedInPass + (isContinued ? 1 : 0);
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const began = performance.now();
      const { documents, changed } = await changeBatch(run, last, size);
      changedInPass += changed;
      const isEnd = documents.length < size;
      const isDone = isEnd && changedInPass === 0;
      if (isEnd) changedInPass = 0;
      last = isEnd ? null : (documents.at(-1)?._id ?? null);
      const kept = await keep(run, { last, changedInPass, isDone }, { read: documents.length, changed });
      if (kept === null) return false;
      const state = isDone ? 'done' : 'running';
      options.onProgress?.({ id: migrationId(run.migration), state, ...counts(kept) });
      if (isDone) return true;
      if (!isEnd) await rest(performance.now() - began, options.signal);
    }
  } catch (error) {
    await letGo(run).catch(() => undefined);
    throw error;
  }
}

async function changeBatch(
  { db, migration }: Run,
  last: string | null,
  size: number,
): Promise<{ documents: Stored[]; changed: number }> {
  const collection = db.collection<Stored>(migration.collection);
  const after = last === null ? {} : { _id: { $gt: last } };
  const documents = await collection
    .find({ $and: [migration.filter, after] }, { projection: migration.projection })
    .sort({ _id: 1 })
    .limit(size)
    .toArray();
  if (documents.length === 0) return { documents: [], changed: 0 };
  const { modifiedCount, deletedCount } = await collection.bulkWrite(migration.writes(documents), { ordered: false });
  return { documents: documents as Stored[], changed: modifiedCount + deletedCount };
}

/** Stores the progress and keeps the migration for longer. Returns null if another process has taken it over. */
async function keep(
  run: Run,
  { last, changedInPass, isDone }: { last: string | null; changedInPass: number; isDone: boolean },
  added: { read: number; changed: number },
): Promise<MigrationDocument | null> {
  const ending = isDone ? { doneAt: new Date(), heldBy: null } : {};
  return run.states.findOneAndUpdate(
    { _id: migrationId(run.migration), doneAt: null, heldBy: run.me },
    { $set: { last, changedInPass, heldUntil: await leaseEnd(run), ...ending }, $inc: added },
    { returnDocument: 'after' },
  );
}

async function letGo({ states, migration, me }: Run): Promise<void> {
  const free = { heldBy: null, heldUntil: new Date(0) };
  await states.updateOne({ _id: migrationId(migration), heldBy: me }, { $set: free });
}

async function rest(tookMs: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.min(tookMs, LONGEST_REST_MS), undefined, { signal });
}

function counts({ read, changed }: MigrationDocument): { read: number; changed: number } {
  return { read, changed };
}
