import { verifyPassword } from '../../client/passwords.ts';
import { clearAttempts, countAttempt } from '../../client/signInAttempts.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';

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
