import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { HoldState } from './messages.ts';

/*
 * The search attributes of workflows: Temporal's page lists and filters by them. A workflow that sets one which its namespace does
 * not have makes no progress; client/provision.ts registers them.
 */

export const instanceAttribute = defineSearchAttributeKey('Instance', 'KEYWORD');
/** Whether a record's workflow waits for an unlock; why and since when, while it does. */
export const holdAttribute = defineSearchAttributeKey('Hold', 'BOOL');
export const holdReasonAttribute = defineSearchAttributeKey('HoldReason', 'KEYWORD');
export const heldSinceAttribute = defineSearchAttributeKey('HeldSince', 'DATETIME');
/** How a run ended; `held` or `unlocked` for a record that was held. Other records have none, because it would cost an event. */
export const outcomeAttribute = defineSearchAttributeKey('Outcome', 'KEYWORD');
export const runModeAttribute = defineSearchAttributeKey('RunMode', 'KEYWORD');

/** All of them, in the order in which they are documented. */
export const searchAttributes = [
  instanceAttribute,
  holdAttribute,
  holdReasonAttribute,
  heldSinceAttribute,
  outcomeAttribute,
  runModeAttribute,
] as const;

/** Returns the search attributes of a held record. */
export function holdAttributes({ reason, since }: HoldState): SearchAttributePair[] {
  return [
    { key: holdAttribute, value: true },
    { key: holdReasonAttribute, value: reason },
    ...(since === undefined ? [] : [{ key: heldSinceAttribute, value: new Date(since) }]),
    { key: outcomeAttribute, value: 'held' },
  ];
}
