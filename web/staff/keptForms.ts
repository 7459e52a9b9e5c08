import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addHours } from '../../domain/time.ts';
import type { StaffContext } from './context.ts';
import { signedInUserOf } from './respond.ts';

const KEPT_HOURS = 1;
const query = z.object({ form: z.string().max(40).optional().catch(undefined) });

/** What a person entered in a form, by the names of its fields. */
type Fields = Readonly<Record<string, string | string[]>>;
type Keeping = Pick<StaffContext, 'store' | 'now'>;

/**
 * Keeps what was entered in a form for this account, and returns an id for the address `?form=<id>` of the page that shows it
 * again. So going back and reloading send nothing, and nothing that was typed gets into an address.
 */
export function keepForm({ store, now }: Keeping, request: FastifyRequest, fields: Fields): Promise<string> {
  const { user } = signedInUserOf(request);
  return store.pageStates.add(user, { kind: 'form', fields }, addHours(now(), KEPT_HOURS));
}

/** Returns what was entered in the form that the address names; null without one, and once it has expired. */
export async function readKeptForm({ store, now }: Keeping, request: FastifyRequest): Promise<Fields | null> {
  const { form } = query.parse(request.query);
  const kept = form === undefined ? null : await store.pageStates.get(form, signedInUserOf(request).user, now());
  return kept?.kind === 'form' ? kept.fields : null;
}
