import { randomBytes } from 'node:crypto';

/** Without vowels and similar characters, so that ids can be read aloud and spell no words. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** Returns a new record id: `r-` and 16 characters (76 bits). It contains nothing about the chart, so it may be shown anywhere. */
export function newRecordId(): string {
  return `r-${[...randomBytes(64)]
    .filter((byte) => byte < LETTERS.length * 9)
    .slice(0, 16)
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('')}`;
}

/** Returns true for a text in the form of a record id. */
export function isRecordId(text: string): boolean {
  return new RegExp(`^r-[${LETTERS}]{16}$`).test(text);
}
