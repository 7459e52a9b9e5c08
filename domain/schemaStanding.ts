/** A migration as a program knows it. Numbers begin with 1 and have no gaps. */
export interface KnownMigration {
  number: number;
  /** `expand`: programs from before it still work on the result. `contract`: they do not, and must not run once it has begun. */
  kind: 'expand' | 'contract';
}

/** A migration as the database has it: one that has begun. */
export interface BegunMigration {
  number: number;
  /** Programs that know fewer migrations must not run. */
  oldest: number;
  done: boolean;
}

/**
 * What a database is to a program. `newer`: a migration that the program does not know has made the documents unreadable for it.
 * `pending`: it has migrations to run first. `current`: it may run; newer versions may have added what it ignores.
 */
export type SchemaStanding =
  | { kind: 'current' }
  | { kind: 'pending'; numbers: number[] }
  | { kind: 'newer'; knows: number; needs: number };

/** Returns what a database is to a program that knows these migrations. */
export function schemaStanding(known: readonly KnownMigration[], begun: readonly BegunMigration[]): SchemaStanding {
  const knows = known.length;
  const needs = Math.max(0, ...begun.map(({ oldest }) => oldest));
  if (needs > knows) return { kind: 'newer', knows, needs };
  const done = new Set(begun.filter((one) => one.done).map(({ number }) => number));
  const numbers = known.map(({ number }) => number).filter((number) => !done.has(number));
  return numbers.length === 0 ? { kind: 'current' } : { kind: 'pending', numbers };
}

/** Returns how many migrations a program must know to run once this one has begun. */
export function oldestAfter(migration: KnownMigration): number {
  return migration.kind === 'contract' ? migration.number : 0;
}
