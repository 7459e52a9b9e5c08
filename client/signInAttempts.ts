import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Store } from '../store/connect.ts';

const WINDOW_MS = 15 * 60_000;
/** Failed attempts allowed per window: for one name, from one address, and from one browser that signed in before. */
const MAX_ATTEMPTS = { name: 10, address: 50, device: 10 };

type Attempts = Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;

export interface Attempt {
  /** The sign-in name, or the text that was typed when it is not a valid name. */
  name: string;
  address: string;
  /** The id of the browser where it signed in with this name before; otherwise null. */
  device: string | null;
}

/**
 * Counts an attempt before the check, so that concurrent attempts count too. Returns the seconds to wait, or 0.
 *
 * A browser that signed in before has a count of its own, so that strangers cannot keep the owner of an account out. Other
 * attempts count for their address, and for the name only if the address is not over its limit.
 */
export async function countAttempt(attempts: Attempts, { name, address, device }: Attempt, now: Date): Promise<number> {
  const end = new Date((windowOf(now) + 1) * WINDOW_MS);
  const isOver = async (kind: keyof typeof MAX_ATTEMPTS, of: string) =>
    (await attempts.take(idOf(kind, of, now), end)) > MAX_ATTEMPTS[kind];
  const over =
    device === null
      ? (await isOver('address', networkOf(address))) || (await isOver('name', name))
      : await isOver('device', device);
  return over ? Math.ceil((end.getTime() - now.getTime()) / 1_000) : 0;
}

/** Uncounts a successful attempt and the failed attempts with its name, or those of its browser. */
export async function clearAttempts(attempts: Attempts, { name, address, device }: Attempt, now: Date): Promise<void> {
  if (device !== null) return attempts.forget(idOf('device', device, now));
  await attempts.forget(idOf('name', name, now));
  await attempts.giveBack(idOf('address', networkOf(address), now));
}

/** Returns those of the names with which new browsers have to wait before they sign in. */
export async function blockedOf(
  attempts: Pick<Store['signInAttempts'], 'counts'>,
  names: readonly string[],
  now: Date,
): Promise<Set<string>> {
  const ids = new Map(names.map((name) => [idOf('name', name, now), name]));
  const counts = await attempts.counts([...ids.keys()]);
  return new Set([...ids].flatMap(([id, name]) => ((counts.get(id) ?? 0) >= MAX_ATTEMPTS.name ? [name] : [])));
}

/** Removes the failed attempts with a name. */
export function forgetAttempts(attempts: Pick<Attempts, 'forget'>, name: string, now: Date): Promise<void> {
  return attempts.forget(idOf('name', name, now));
}

/** Returns a hash, because the text typed as a name may be a password. */
function idOf(kind: keyof typeof MAX_ATTEMPTS, of: string, now: Date): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, of, windowOf(now)]))
    .digest('base64url');
}

function windowOf(now: Date): number {
  return Math.floor(now.getTime() / WINDOW_MS);
}

/** Returns the /64 network of an IPv6 address, which is one customer's; other addresses are returned unchanged. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain) || plain.includes('.')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const first = head.split(':').filter(Boolean);
  const last = (tail ?? '').split(':').filter(Boolean);
  const gap = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  const groups = [...first, ...gap, ...last].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
