import { requestUnlock } from '../../client/requestUnlock.ts';
import type { SignedInUser } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import type { StaffContext } from './context.ts';

const MAX_REASON = 500;

const texts = {
  help: "Don't include the patient's name. Your name and reason are saved in the audit log. For example: discharge confirmed by phone.",
  missing: 'Enter a reason. It is saved in the audit log.',
  tooLong: `Use at most ${MAX_REASON} characters.`,
};

/** The field for the reason of an unlock, with what is wrong with the reason that was sent. */
export function ReasonField({ why = '', wrong }: { why?: string | undefined; wrong?: string | undefined }) {
  const described = wrong === undefined ? 'why-help' : 'why-wrong why-help';
  return (
    <div class="field">
      <label for="why">Reason for unlocking</label>
      {wrong !== undefined && (
        <p class="wrong" id="why-wrong" role="alert">
          {wrong}
        </p>
      )}
      <textarea
        id="why"
        name="why"
        required
        maxLength={MAX_REASON}
        aria-describedby={described}
        aria-invalid={wrong === undefined ? undefined : true}
      >
        {why}
      </textarea>
      <p class="help" id="why-help">
        {texts.help}
      </p>
    </div>
  );
}

/** Returns the trimmed reason, or what is wrong with it. */
export function parseReason(typed: string): { why: string } | { wrong: string } {
  const why = typed.trim();
  if (why === '') return { wrong: texts.missing };
  return why.length > MAX_REASON ? { wrong: texts.tooLong } : { why };
}

/** Requests the unlock under the displayed name, audited under the account. Returns whether the request was sent. */
export function unlockRecord(
  { store, temporal, taskQueue }: StaffContext,
  who: SignedInUser,
  record: Pick<RecordDocument, '_id' | 'instance'>,
  why: string,
): Promise<boolean> {
  return requestUnlock({ store, client: temporal(), taskQueue }, record, { by: who.name, why, account: who.user });
}
