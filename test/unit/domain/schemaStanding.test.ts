import { describe, expect, it } from 'vitest';
import {
  type KnownMigration,
  oldestAfter,
  type SchemaStanding,
  schemaStanding,
} from '../../../domain/schemaStanding.ts';

const expand = (number: number): KnownMigration => ({ number, kind: 'expand' });
const contract = (number: number): KnownMigration => ({ number, kind: 'contract' });
const begun = (migration: KnownMigration, done = true) => ({
  number: migration.number,
  oldest: oldestAfter(migration),
  done,
});

describe('A database is, to a program', () => {
  const cases: {
    name: string;
    known: KnownMigration[];
    stored: KnownMigration[];
    open?: number;
    is: SchemaStanding;
  }[] = [
    { name: 'without migrations, where none ran', known: [], stored: [], is: { kind: 'current' } },
    {
      name: 'that knows two, where none ran',
      known: [expand(1), contract(2)],
      stored: [],
      is: { kind: 'pending', numbers: [1, 2] },
    },
    {
      name: 'that knows two, where one ran',
      known: [expand(1), expand(2)],
      stored: [expand(1)],
      is: { kind: 'pending', numbers: [2] },
    },
    {
      name: 'where its last one is not finished',
      known: [expand(1)],
      stored: [expand(1)],
      open: 1,
      is: { kind: 'pending', numbers: [1] },
    },
    {
      name: 'where all of its own ran',
      known: [expand(1), contract(2)],
      stored: [expand(1), contract(2)],
      is: { kind: 'current' },
    },
    {
      name: 'where a newer one added what it ignores',
      known: [expand(1)],
      stored: [expand(1), expand(2)],
      is: { kind: 'current' },
    },
    {
      name: 'where a newer one removed what it reads',
      known: [expand(1)],
      stored: [expand(1), contract(2)],
      is: { kind: 'newer', knows: 1, needs: 2 },
    },
    {
      name: 'where a newer one has only begun to remove what it reads',
      known: [expand(1)],
      stored: [expand(1), contract(2)],
      open: 2,
      is: { kind: 'newer', knows: 1, needs: 2 },
    },
    {
      name: 'where a newer one that it does not know is pending too',
      known: [expand(1), expand(2)],
      stored: [expand(1), contract(3)],
      is: { kind: 'newer', knows: 2, needs: 3 },
    },
  ];
  it.each(cases)('$name: $is.kind', ({ known, stored, open, is }) => {
    expect(
      schemaStanding(
        known,
        stored.map((one) => begun(one, one.number !== open)),
      ),
    ).toEqual(is);
  });
});
