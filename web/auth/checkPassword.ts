import { verifyPassword } from '../../client/passwords.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { type Attempt, clearAttempts, countAttempt } from './attempts.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';
import { signInName } from './names.ts';

export interface SignInStore {
  accounts: Pick<Store['accounts'], 'byName'>;
  signInAttempts: Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;
  auditEvents: Pick<Store['auditEvents'], 'add' | 'get'>;
}

export type Checked = { account: AccountDocument } | { refused: 'wrong' } | { refused: 'too-many'; seconds: number };

/** Checks a name and a password. An unknown name takes the same steps, and gets the same answer, as a wrong password. */
export async function checkPassword(
  store: SignInStore,
  typed: Attempt & { password: string },
  now: Date,
  fits: typeof verifyPassword = verifyPassword,
): Promise<Checked> {
  const name = signInName(typed.name);
  const attempt = { name: name ?? typed.name, address: typed.address };
  const seconds = await countAttempt(store.signInAttempts, attempt, now);
  const account = name === null ? null : await store.accounts.byName(name);
  if (seconds > 0) {
    await auditRefusedSignIn(store, account?.name ?? null, 'too many attempts', now);
    return { refused: 'too-many', seconds };
  }
  const good = await fits(account?.passwordHash ?? null, typed.password);
  if (account === null || !good || account.disabled) {
    const reason = good && account?.disabled ? 'the account is disabled' : 'wrong name or password';
    await auditRefusedSignIn(store, account?.name ?? null, reason, now);
    return { refused: 'wrong' };
  }
  await clearAttempts(store.signInAttempts, attempt, now);
  await auditSignIn(store, account.name, 'signed-in', 'by password', now);
  return { account };
}
