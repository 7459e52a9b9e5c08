/*
 * A KIPU connection is an instance that an administrator added on the page or by the command, instead of in the settings.
 * Its state decides what the service does with it.
 */

/**
 * - `active`: it is synced, and its webhooks are dispatched.
 * - `paused`: no runs; its webhooks are stored, and dispatched when it is resumed.
 * - `retired`: for good. Its credentials are gone, nothing is read from KIPU, and its webhooks are refused. Its records stay.
 */
export const connectionStates = ['active', 'paused', 'retired'] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** What a person may do with a connection that exists. */
export const connectionChanges = ['set', 'pause', 'resume', 'rotate-secret', 'drop-secret', 'retire'] as const;
export type ConnectionChange = (typeof connectionChanges)[number];

/** Returns why a change is not possible in this state; null when it is. */
export function changeProblem(state: ConnectionState, change: ConnectionChange): string | null {
  if (state === 'retired') return 'It is retired. Add it again to connect it anew; its records are kept.';
  if (change === 'pause' && state === 'paused') return 'It is paused already.';
  if (change === 'resume' && state === 'active') return 'It is not paused.';
  return null;
}

/** The number of webhook secrets of one kind that are valid at the same time. */
const VALID_SECRETS = 2;

/** Returns the secrets after a rotation: the new one and the one before it. */
export function rotated(secrets: readonly string[], fresh: string): string[] {
  return [fresh, ...secrets].slice(0, VALID_SECRETS);
}

/** Returns only the newest secret: KIPU sends it by now. */
export function newest(secrets: readonly string[]): string[] {
  return secrets.slice(0, 1);
}

/** Returns the changed fields with their values, `lockPolicy webhook-missing → always`; of a secret only that it changed. */
export function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  secret: readonly string[],
): string[] {
  return Object.keys(after).flatMap((field) => {
    const [was, is] = [before[field], after[field]].map(words);
    if (was === is) return [];
    return [secret.includes(field) ? `${field} changed` : `${field} ${was} → ${is}`];
  });
}

function words(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
