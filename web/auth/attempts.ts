import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Store } from '../../store/connect.ts';

const STRETCH_MS = 15 * 60_000;
/** Within a stretch: for one name from anywhere, and from one address for whomever. Good ones don't count. */
const MOST = { name: 10, address: 50 };

type Attempts = Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;

export interface Attempt {
  /** As it was typed, or whatever else names who tries. */
  name: string;
  address: string;
}

/** Counts an attempt before it is tried, so that those side by side count too. Gives seconds to wait; 0 when it may be tried. */
export async function countAttempt(attempts: Attempts, { name, address }: Attempt, now: Date): Promise<number> {
  const end = new Date((Math.floor(now.getTime() / STRETCH_MS) + 1) * STRETCH_MS);
  const byName = await attempts.take(idOf('name', name, now), end);
  const byAddress = await attempts.take(idOf('address', networkOf(address), now), end);
  if (byName <= MOST.name && byAddress <= MOST.address) return 0;
  return Math.ceil((end.getTime() - now.getTime()) / 1_000);
}

/** Takes back a good one, and whatever was mistyped before it. */
export async function clearAttempts(attempts: Attempts, { name, address }: Attempt, now: Date): Promise<void> {
  await attempts.forget(idOf('name', name, now));
  await attempts.giveBack(idOf('address', networkOf(address), now));
}

/** A hash: what is typed for a name may be a password. */
function idOf(kind: keyof typeof MOST, of: string, now: Date): string {
  const stretch = Math.floor(now.getTime() / STRETCH_MS);
  return createHash('sha256')
    .update(JSON.stringify([kind, of, stretch]))
    .digest('base64url');
}

/** An IPv6 address's first half, which is one household's; another address as it is. */
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
