import { count, date, id, maybe, object, place, text } from '../schemaParts.ts';

/** A migration that has begun, and how far it is. */
export interface MigrationDocument {
  /** Its number and name. */
  _id: string;
  schemaVersion: number;
  number: number;
  /** Programs that know fewer migrations must not run. */
  oldest: number;
  /** The id of the last document that was read; null at the beginning of a pass. */
  last: string | null;
  /** Documents that were read and changed so far, and those changed since the beginning of this pass. */
  read: number;
  changed: number;
  changedInPass: number;
  /** The process that runs it, until this time of the database's clock: then another one may. */
  heldBy: string | null;
  heldUntil: Date;
  startedAt: Date;
  doneAt: Date | null;
}

/** The validator of `migrations`. */
export const migrationSchemas = {
  migrations: object({
    ...{ _id: id, schemaVersion: count, number: place, oldest: count, last: maybe(text) },
    ...{ read: count, changed: count, changedInPass: count, heldBy: maybe(text), heldUntil: date },
    ...{ startedAt: date, doneAt: maybe(date) },
  }),
};
