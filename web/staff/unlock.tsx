import { audit } from '../../client/audit.ts';
import { requestUnlock } from '../../client/requestUnlock.ts';
import type { SignedInUser } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { withTimeout } from '../http/timeouts.ts';
import type { StaffContext } from './context.ts';
import { REQUEST_MS } from './temporal.ts';

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

/**
 * Signals the record's workflow to unlock it, and audits the request under the user's account; the workflow audits the
 * result under the displayed name. Returns false when Temporal does not accept the signal.
 */
export async function unlockRecord(
  { store, temporal, taskQueue }: StaffContext,
  who: SignedInUser,
  { _id, instance }: Pick<RecordDocument, '_id' | 'instance'>,
  why: string,
): Promise<boolean> {
  const request = requestUnlock(temporal(), { _id, instance }, taskQueue, { by: who.name, why });
  const sent = await withTimeout(REQUEST_MS, request).then(
    () => true,
    () => false,
  );
  const outcome = sent ? 'sent' : 'not sent: Temporal does not answer';
  await audit(store, { who: who.user, what: 'unlock-requested', instance, record: _id, why, outcome });
  return sent;
}
