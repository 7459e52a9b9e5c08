import { signInName } from '../../client/accountViews.ts';
import { verifyPassword } from '../../client/passwords.ts';
import { type Attempt, clearAttempts, countAttempt } from '../../client/signInAttempts.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';
import { knownDevice } from './browser.ts';

export interface SignInStore {
  accounts: Pick<Store['accounts'], 'byName'>;
  signInAttempts: Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;
  knownDevices: Pick<Store['knownDevices'], 'isKnown' | 'remember'>;
  auditEvents: Pick<Store['auditEvents'], 'add' | 'get'>;
}

type Checked = { account: AccountDocument } | Refused;

/** `audit` is called after the answer was sent, so that its work does not tell known names from unknown ones. */
type Refused = { audit: () => Promise<void> } & ({ refused: 'wrong' } | { refused: 'too-many'; seconds: number });

/**
 * Checks a name and a password. An unknown name costs the same work and gets the same answer as a wrong password; after too
 * many attempts no account is read at all.
 */
export async function checkPassword(
  store: SignInStore,
  typed: { name: string; password: string; address: string; deviceCookie: string | null },
  now: Date,
  verify: typeof verifyPassword = verifyPassword,
): Promise<Checked> {
  const { address: from } = typed;
  const name = signInName(typed.name);
  const device = name === null ? null : await knownDevice(store, typed.deviceCookie, name, now);
  const attempt: Attempt = { name: name ?? typed.name, address: typed.address, device };
  const seconds = await countAttempt(store.signInAttempts, attempt, now);
  const named = async () => (name === null ? null : await store.accounts.byName(name));
  if (seconds > 0) {
    const audit = async () => {
      const account = (await named())?.name ?? null;
      await auditRefusedSignIn(store, { account, from }, 'too many attempts', now);
    };
    return { refused: 'too-many', seconds, audit };
  }
  const account = await named();
  const matches = await verify(account?.passwordHash ?? null, typed.password);
  if (account === null || !matches || account.disabled) {
    const reason = matches && account?.disabled ? 'the account is disabled' : 'wrong name or password';
    return {
      refused: 'wrong',
      audit: () => auditRefusedSignIn(store, { account: account?.name ?? null, from }, reason, now),
    };
  }
  await clearAttempts(store.signInAttempts, attempt, now);
  if (!account.secondFactor) await auditSignIn(store, { who: account.name, from }, 'signed-in', 'by password', now);
  return { account };
}

type Attempts = { signInAttempts: Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'> };

/**
 * Checks the current password of a user who is signed in. Returns null when it is right. Attempts are limited, so that nobody
 * guesses it in a browser that was left open.
 */
export async function ownPasswordProblem(
  { signInAttempts }: Attempts,
  { _id, name, passwordHash }: AccountDocument,
  typed: string,
  now: Date,
): Promise<{ status: number; text: string } | null> {
  const attempt = { name, address: '', device: `the page of account ${_id}` };
  if ((await countAttempt(signInAttempts, attempt, now)) > 0)
    return { status: 429, text: 'Too many attempts. Try again in 15 minutes.' };
  if (!(await verifyPassword(passwordHash, typed))) return { status: 403, text: 'The current password is incorrect.' };
  await clearAttempts(signInAttempts, attempt, now);
  return null;
}
