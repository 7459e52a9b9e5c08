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

/** Requests an unlock under the name that is shown, audited under the account. Returns whether it was sent. */
export function unlockOne(
  { actions }: StaffContext,
  who: SignedInUser,
  { _id, instance }: Pick<RecordDocument, '_id' | 'instance'>,
  why: string,
): Promise<boolean> {
  return actions.unlock({ _id, instance }, { by: who.name, why, account: who.user });
}
