import { audit } from '../../client/audit.ts';
import type { SignedInUser } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import type { StaffContext } from './options.ts';

const LONGEST_WHY = 500;

/** The reason as it was typed, or what is wrong with it. */
export function parseReason(typed: string): { why: string } | { wrong: string } {
  const why = typed.trim();
  if (why === '') return { wrong: 'Say why: the audit keeps it.' };
  if (why.length > LONGEST_WHY) return { wrong: `Say it in ${LONGEST_WHY} characters.` };
  return { why };
}

/**
 * Asks the record's workflow to unlock it, and audits who asked, by the account: what came of it is audited by the workflow, under the
 * name that is shown. False where Temporal does not take it.
 */
export async function unlockOne(
  { store, actions }: StaffContext,
  who: SignedInUser,
  { _id, instance }: Pick<RecordDocument, '_id' | 'instance'>,
  why: string,
): Promise<boolean> {
  const asked = { who: who.user, what: 'unlock-requested', instance, record: _id, why } as const;
  try {
    await actions.unlock({ _id, instance }, { by: who.name, why });
  } catch {
    await audit(store, { ...asked, outcome: 'not sent: Temporal does not answer' });
    return false;
  }
  await audit(store, { ...asked, outcome: 'sent' });
  return true;
}
