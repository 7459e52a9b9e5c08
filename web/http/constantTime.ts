import { createHash, timingSafeEqual } from 'node:crypto';

/** Returns true when the two texts are equal, in a time that does not depend on where they differ. */
export function equalInConstantTime(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

/** Returns the SHA-256 of a text. Digests all have the same length. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
