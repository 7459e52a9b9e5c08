import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { addHours } from '../../domain/time.ts';
import type { StaffContext } from './context.ts';
import { signedInUserOf } from './respond.ts';

const KEPT_HOURS = 1;

type Keeping = Pick<StaffContext, 'store' | 'now'>;

/**
 * Keeps a reason that was typed and is not sent yet, for this account and this form, so that it is there again after another
 * sign-in. It is kept in the database and not in the browser: it may name a patient, and a browser is shared.
 */
export async function keepReason({ store, now }: Keeping, request: FastifyRequest, form: string, why: string) {
  const { user } = signedInUserOf(request);
  if (why.trim() === '') return store.pageStates.remove(idOf(user, form), user);
  return store.pageStates.set(idOf(user, form), user, { kind: 'reason', why }, addHours(now(), KEPT_HOURS));
}

/** Returns the reason that this account has typed in this form; empty if there is none. */
export async function readTyped({ store, now }: Keeping, request: FastifyRequest, form: string): Promise<string> {
  const { user } = signedInUserOf(request);
  const kept = await store.pageStates.get(idOf(user, form), user, now());
  return kept?.kind === 'reason' ? kept.why : '';
}

/** Removes the reason once it was sent. */
export async function forgetReason({ store }: Keeping, request: FastifyRequest, form: string): Promise<void> {
  const { user } = signedInUserOf(request);
  await store.pageStates.remove(idOf(user, form), user);
}

function idOf(user: string, form: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['reason', user, form]))
    .digest('base64url');
}
