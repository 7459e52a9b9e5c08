import { randomBytes } from 'node:crypto';
import { ID_LETTERS } from '../domain/unlock.ts';

/** Returns a new record id: `r-` and 16 characters (76 bits). It contains nothing about the chart, so it may be shown anywhere. */
export function newRecordId(): string {
  return `r-${sixteenLetters()}`;
}

/** Returns the ticket of a new request to unlock: `u-` and 16 characters (76 bits), which nobody can guess. */
export function newTicket(): string {
  return `u-${sixteenLetters()}`;
}

/** Returns the id of a new recipient of messages: `n-` and 16 characters. */
export function newRecipientId(): string {
  return `n-${sixteenLetters()}`;
}

/** Returns the id of what a page keeps for its next request: `s-` and 16 characters (76 bits), which nobody can guess. */
export function newPageStateId(): string {
  return `s-${sixteenLetters()}`;
}

/** Returns true for a text in the form of a record id. */
export function isRecordId(text: string): boolean {
  return new RegExp(`^r-[${ID_LETTERS}]{16}$`).test(text);
}

function sixteenLetters(): string {
  return [...randomBytes(64)]
    .filter((byte) => byte < ID_LETTERS.length * 9)
    .slice(0, 16)
    .map((byte) => ID_LETTERS[byte % ID_LETTERS.length])
    .join('');
}
