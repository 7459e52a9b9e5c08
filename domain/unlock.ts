const MAX_NAME_LENGTH = 200;

/** The longest reason that a command accepts; the page has a limit of its own below this one. */
const MAX_REASON_LENGTH = 1_000;

/** Valid unlocks of one record that are kept while they wait, of each kind. No person sends more than that. */
const MAX_VALID = 100;

/** Letters of opaque ids: without vowels and similar characters, so that ids can be read aloud and spell no words. */
export const ID_LETTERS = 'bcdfghjkmnpqrstvwxz23456789';
const TICKET = new RegExp(`^u-[${ID_LETTERS}]{16}$`);

/** Where a command's requests come from; those of the page come from the address of a browser. */
export const COMMAND_LINE = 'command line';

/** Why a signal is refused, as the audit says it. */
type UnlockRefusal =
  | 'no name'
  | 'the name is longer than 200 characters'
  | 'the ticket is invalid'
  | 'too many unlocks are waiting';

/**
 * What an unlock signal carries: the ticket of a request that is stored in MongoDB, or the name of a person who types the
 * signal on Temporal's page. Nothing else is read.
 */
export type UnlockSignal = { ticket: string } | { by: string };

/** An unlock that waits in a workflow. Only a valid one that was typed by hand has a name in it, and none has a reason. */
export interface UnlockAttempt {
  ticket: string | null;
  by: string | null;
  /** Why it has no effect; null for a valid one. */
  refused: UnlockRefusal | null;
  /** How many signals it stands for; more than 1 only where refused. */
  times: number;
}

/** Reads the input of an unlock signal, which may be anything: on Temporal's page it is typed by hand, or left out. */
export function readUnlock(input: unknown): UnlockAttempt {
  const { ticket, by } = isObject(input) ? input : {};
  if (ticket !== undefined) return isTicket(ticket) ? { ...valid, ticket } : refusal('the ticket is invalid');
  const name = typeof by === 'string' ? by.trim() : '';
  if (name === '') return refusal('no name');
  return name.length > MAX_NAME_LENGTH ? refusal('the name is longer than 200 characters') : { ...valid, by: name };
}

/** Returns what is wrong with the name or the reason of a request; null for nothing. */
export function requestFault({ name, why }: { name?: string | undefined; why?: string | undefined }): string | null {
  if ((name ?? '').length > MAX_NAME_LENGTH) return 'the name is longer than 200 characters';
  return (why ?? '').length > MAX_REASON_LENGTH ? 'the reason is longer than 1,000 characters' : null;
}

/**
 * Adds an unlock to those that wait. The result stays small however many come: refused ones are counted by why they are
 * refused, and a valid one is refused only behind a hundred others of its kind. Names cannot crowd out tickets.
 */
export function addUnlock(waiting: readonly UnlockAttempt[], added: UnlockAttempt): UnlockAttempt[] {
  if (added.refused !== null) return addRefused(waiting, added);
  const alike = waiting.filter(
    ({ refused, ticket }) => refused === null && (ticket === null) === (added.ticket === null),
  );
  if (alike.length < MAX_VALID) return [...waiting, added];
  return addRefused(waiting, refusal('too many unlocks are waiting'));
}

/** Removes the first unlock after it was applied for `times` signals. Signals that were counted on it since then remain. */
export function withoutFirst(waiting: readonly UnlockAttempt[], times: number): UnlockAttempt[] {
  return waiting.flatMap((one, at) => {
    if (at > 0) return [one];
    return one.times > times ? [{ ...one, times: one.times - times }] : [];
  });
}

/** A request to unlock, as it is stored. */
export interface UnlockRequest {
  record: string;
  /** The account that is signed in, or the operating system's user of a command. */
  account: string;
  /** The displayed name of the account, or for a command the name of whom it is on behalf of; null for none. */
  name: string | null;
  /** The address of the browser, or `command line`. */
  from: string;
  why: string | null;
  /** The activity that applied it, and the outcome; null before. */
  applied: { key: string; outcome: string; at: Date } | null;
}

/** Who unlocks, as proven as it is, and why; or why the unlock is refused. */
export interface Unlocker {
  /** Whom the audit names. */
  who: string;
  name: string | null;
  from: string | null;
  why: string | null;
  /** Who, in words, for people who see the record. */
  by: string;
  refused: string | null;
}

/**
 * Decides who unlocks the record, and whether the attempt is refused. `request` is the stored one of its ticket, null for
 * none; `key` is that of the activity, whose attempts may be repeated. A ticket is applied once, and to its own record only.
 */
export function unlockerOf(
  { ticket, by, refused }: UnlockAttempt,
  facts: { recordId: string; request: UnlockRequest | null; key: string; byHandAllowed: boolean },
): Unlocker {
  const { request, recordId, key, byHandAllowed } = facts;
  if (refused !== null) return unknown(refused);
  if (ticket === null) {
    const who = `${by} (by hand in Temporal, not verified)`;
    const nothing = { name: null, from: null, why: null };
    return { who, by: who, ...nothing, refused: byHandAllowed ? null : 'unlocks by hand are switched off' };
  }
  if (request === null) return unknown('there is no such ticket');
  // The sender is not the person who made the request for another record.
  if (request.record !== recordId) return unknown('the ticket is of another record');
  if (request.applied !== null && request.applied.key !== key) return unknown('the ticket was used before');
  const { account, name, from, why } = request;
  return { who: account, name, from, why, by: personText({ who: account, name, from }), refused: null };
}

/** Returns who did something in words: first the account, which is proven, then the name, which is not. */
export function personText({ who, name, from }: { who: string; name?: string | null; from?: string | null }): string {
  if (from === COMMAND_LINE) return `${who} (${COMMAND_LINE})${name ? `, on behalf of ${name}` : ''}`;
  return name && name !== who ? `${who} (${name})` : who;
}

const valid = { ticket: null, by: null, refused: null, times: 1 } as const;

function refusal(refused: UnlockRefusal): UnlockAttempt {
  return { ...valid, refused };
}

function unknown(refused: string): Unlocker {
  return { who: 'unknown', by: 'unknown', name: null, from: null, why: null, refused };
}

function addRefused(waiting: readonly UnlockAttempt[], added: UnlockAttempt): UnlockAttempt[] {
  const index = waiting.findIndex(({ refused }) => refused === added.refused);
  if (index === -1) return [...waiting, added];
  return waiting.map((one, at) => (at === index ? { ...one, times: one.times + 1 } : one));
}

function isTicket(value: unknown): value is string {
  return typeof value === 'string' && TICKET.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
