import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { verifyPassword } from '../../client/passwords.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';

const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
const WINDOW_MS = 15 * 60_000;
/** Failed attempts allowed per window: for one name from any address, and from one address for any name. */
const MAX_ATTEMPTS = { name: 10, address: 50 };

export interface SignInStore {
  accounts: Pick<Store['accounts'], 'byName'>;
  signInAttempts: Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;
  auditEvents: Pick<Store['auditEvents'], 'add' | 'get'>;
}

type Checked = { account: AccountDocument } | { refused: 'wrong' } | { refused: 'too-many'; seconds: number };

/** Checks a name and a password. An unknown name costs the same work and gets the same answer as a wrong password. */
export async function checkPassword(
  store: SignInStore,
  typed: Attempt & { password: string },
  now: Date,
  verify: typeof verifyPassword = verifyPassword,
): Promise<Checked> {
  const name = signInName(typed.name);
  const attempt = { name: name ?? typed.name, address: typed.address };
  const seconds = await countAttempt(store.signInAttempts, attempt, now);
  const account = name === null ? null : await store.accounts.byName(name);
  if (seconds > 0) {
    await auditRefusedSignIn(store, account?.name ?? null, 'too many attempts', now);
    return { refused: 'too-many', seconds };
  }
  const matches = await verify(account?.passwordHash ?? null, typed.password);
  if (account === null || !matches || account.disabled) {
    const reason = matches && account?.disabled ? 'the account is disabled' : 'wrong name or password';
    await auditRefusedSignIn(store, account?.name ?? null, reason, now);
    return { refused: 'wrong' };
  }
  await clearAttempts(store.signInAttempts, attempt, now);
  await auditSignIn(store, account.name, 'signed-in', 'by password', now);
  return { account };
}

/** Returns a sign-in name in its stored form, in lower case; null when the text is not a valid name. */
export function signInName(typed: string): string | null {
  const name = typed.normalize('NFKC').trim().toLowerCase();
  return NAME.test(name) ? name : null;
}

type Attempts = Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;

interface Attempt {
  /** The sign-in name, or the text that was typed when it is not a valid name. */
  name: string;
  address: string;
}

/** Counts an attempt before the check, so that concurrent attempts count too. Returns the seconds to wait, or 0. */
async function countAttempt(attempts: Attempts, { name, address }: Attempt, now: Date): Promise<number> {
  const end = new Date((Math.floor(now.getTime() / WINDOW_MS) + 1) * WINDOW_MS);
  const byName = await attempts.take(idOf('name', name, now), end);
  const byAddress = await attempts.take(idOf('address', networkOf(address), now), end);
  if (byName <= MAX_ATTEMPTS.name && byAddress <= MAX_ATTEMPTS.address) return 0;
  return Math.ceil((end.getTime() - now.getTime()) / 1_000);
}

/** Uncounts a successful attempt and the failed attempts with its name. */
async function clearAttempts(attempts: Attempts, { name, address }: Attempt, now: Date): Promise<void> {
  await attempts.forget(idOf('name', name, now));
  await attempts.giveBack(idOf('address', networkOf(address), now));
}

/** Returns a hash, because the text typed as a name may be a password. */
function idOf(kind: keyof typeof MAX_ATTEMPTS, of: string, now: Date): string {
  const window = Math.floor(now.getTime() / WINDOW_MS);
  return createHash('sha256')
    .update(JSON.stringify([kind, of, window]))
    .digest('base64url');
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
