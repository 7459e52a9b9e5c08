import { randomBytes } from 'node:crypto';

/** Without vowels and look-alikes: ids can be read aloud, and spell nothing. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** A new record id: `r-` and 16 letters (76 bits). It says nothing about the chart, so it may be shown anywhere. */
export function newRecordId(): string {
  return `r-${[...randomBytes(64)]
    .filter((byte) => byte < LETTERS.length * 9)
    .slice(0, 16)
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('')}`;
}

/** True for a text that has the form of a record id. */
export function isRecordId(text: string): boolean {
  return new RegExp(`^r-[${LETTERS}]{16}$`).test(text);
}
