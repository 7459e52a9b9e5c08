import { createHash } from 'node:crypto';

/** A source of random values that returns the same sequence for the same labels on every machine. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability (0 to 1). */
  odds(probability: number): boolean;
  /** One element of the list. Throws RangeError when the list is empty. */
  pick<T>(list: readonly T[]): T;
  /** A UUID of version 4. */
  uuid(): string;
  /** `length` letters and digits. */
  token(length: number): string;
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/**
 * Starts the sequence of a list of labels. Each list has its own sequence, so that the values of one chart never depend on
 * how many were drawn for another.
 */
export function chanceOf(...labels: readonly (string | number)[]): Chance {
  const next = sfc32(createHash('sha256').update(JSON.stringify(labels)).digest());
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    odds: (probability) => next() < probability,
    pick: (list) => {
      const drawn = list[int(0, list.length - 1)];
      if (drawn === undefined) throw new RangeError('nothing to pick from');
      return drawn;
    },
    uuid: () => {
      const hex = Array.from({ length: 32 }, () => int(0, 15).toString(16)).join('');
      const variant = int(8, 11).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    token: (length) => Array.from({ length }, () => LETTERS.charAt(int(0, LETTERS.length - 1))).join(''),
  };
}

// Small Fast Counter (Chris Doty-Humphrey's PractRand), 32 bits: Math.random cannot be seeded.
function sfc32(seed: Buffer): () => number {
  let a = seed.readInt32LE(0);
  let b = seed.readInt32LE(4);
  let c = seed.readInt32LE(8);
  let counter = seed.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
