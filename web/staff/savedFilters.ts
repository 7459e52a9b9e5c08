import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addHours } from '../../domain/time.ts';
import { isRefresh } from '../http/checks.ts';
import { address } from '../ui/parts.tsx';
import type { StaffContext } from './context.ts';
import { signedInUserOf } from './respond.ts';

/** Filters that were not changed for so long are forgotten. */
const KEPT_HOURS = 24 * 365;

type Saving = Pick<StaffContext, 'store' | 'now'>;
/** The filters and the order of a list, as the query string of its address. */
type Query = Readonly<Record<string, string>>;

/** A list whose filters and order are saved with the account. */
interface SavedList {
  path: string;
  /** The names of the fields of its filters, and of its order. */
  fields: readonly string[];
}

const given = z.record(z.string(), z.unknown());

/**
 * Saves the filters and the order that this request has, with the account. Returns an address to redirect to: for the address
 * of the list alone with the last used filters, and for `?clear=1`, which clears them, without any. Otherwise returns null.
 */
export async function followSaved(
  { store, now }: Saving,
  request: FastifyRequest,
  { path, fields }: SavedList,
  query: Query,
): Promise<string | null> {
  const names = Object.keys(given.parse(request.query ?? {}));
  // A page that reads itself again stays as it is.
  if (isRefresh(request)) return null;
  const { user } = signedInUserOf(request);
  const id = idOf(user, path);
  if (names.includes('clear')) {
    await store.pageStates.remove(id, user);
    return path;
  }
  if (names.length > 0 && !names.some((name) => fields.includes(name))) return null;
  const saved = await readSaved({ store, now }, user, path);
  if (names.length === 0) return Object.keys(saved).length === 0 ? null : address(path, new URLSearchParams(saved));
  if (new URLSearchParams(saved).toString() === new URLSearchParams(query).toString()) return null;
  if (Object.keys(query).length === 0) await store.pageStates.remove(id, user);
  else await store.pageStates.set(id, user, { kind: 'list', query }, addHours(now(), KEPT_HOURS));
  return null;
}

/** Returns the filters and the order with which the account last used the list. */
export async function readSaved({ store, now }: Saving, user: string, path: string): Promise<Query> {
  const kept = await store.pageStates.get(idOf(user, path), user, now());
  return kept?.kind === 'list' ? kept.query : {};
}

function idOf(user: string, path: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['list', user, path]))
    .digest('base64url');
}
