import type { Db } from 'mongodb';
import { type SchemaStanding, schemaStanding } from '../../domain/schemaStanding.ts';
import type { MigrationDocument } from './documents.ts';
import { migrations } from './list.ts';
import { type Migration, migrationId, type Stored } from './migration.ts';
import { type MigrateOptions, migrate } from './run.ts';

/** Thrown where this version must not run on the database: it is newer, or has migrations to run first. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** A migration and what is left of it. */
export interface PlannedMigration {
  id: string;
  text: string;
  kind: Migration['kind'];
  state: 'done' | 'running' | 'pending';
  changed: number;
  /** Documents that are left to change. */
  left: number;
}

/** What a database is to this version of the program, and the migrations that change it. `list` is another one only in tests. */
export function schemaOf(db: Db, list: readonly Migration[] = migrations) {
  const states = db.collection<MigrationDocument>('migrations');

  async function standing(): Promise<SchemaStanding> {
    const begun = await states.find().toArray();
    const found = schemaStanding(
      list,
      begun.map(({ number, oldest, doneAt }) => ({ number, oldest, done: doneAt !== null })),
    );
    // Where no migration ever ran and nothing is stored, there is nothing to change.
    const isNew =
      begun.length === 0 && (await db.collection('records').findOne({}, { projection: { _id: 1 } })) === null;
    return isNew ? { kind: 'current' } : found;
  }

  return {
    standing,
    /** @throws SchemaError where a newer version has changed the documents so that this one cannot read them */
    async refuseNewer(): Promise<void> {
      const found = await standing();
      if (found.kind === 'newer') throw new SchemaError(newerText(found));
    },
    /** @throws SchemaError where this version must not run on the database */
    async check(): Promise<void> {
      const found = await standing();
      if (found.kind === 'newer') throw new SchemaError(newerText(found));
      if (found.kind === 'pending') throw new SchemaError(pendingText(found));
    },
    /** Runs what is pending. Safe to repeat, also by several processes at once. */
    migrate: (options: MigrateOptions = {}) => migrate(db, list, options),
    /** Returns all migrations with what is left of each. Changes nothing. */
    async plan(): Promise<PlannedMigration[]> {
      const begun = new Map((await states.find().toArray()).map((one) => [one._id, one]));
      return Promise.all(
        list.map(async (migration) => {
          const { text, kind, collection, filter } = migration;
          const id = migrationId(migration);
          const known = begun.get(id);
          const state = known === undefined ? 'pending' : known.doneAt === null ? 'running' : 'done';
          const left = state === 'done' ? 0 : await db.collection<Stored>(collection).countDocuments(filter);
          return { id, text, kind, state, changed: known?.changed ?? 0, left };
        }),
      );
    },
  };
}

function newerText({ knows, needs }: Extract<SchemaStanding, { kind: 'newer' }>): string {
  return (
    `The database belongs to a newer version of kipu-referrals: its migration ${needs} has begun, and this version knows ` +
    `${knows}. Install the newer version, or restore the backup from before its set-up (docs/releases.md).`
  );
}

function pendingText({ numbers }: Extract<SchemaStanding, { kind: 'pending' }>): string {
  const which =
    numbers.length === 1
      ? `Migration ${numbers[0]} of this version is`
      : `${numbers.length} migrations of this version are`;
  return `${which} not done yet. Run kipu-referrals setup first; kipu-referrals migrate --dry-run shows what it changes.`;
}
