import type { Client } from '@temporalio/client';
import type { Store } from '../store/connect.ts';
import { patientStart, unlockSignal } from '../workflows/messages.ts';
import { audit } from './audit.ts';
import { withDeadline } from './connect.ts';

/** What an unlock is requested with. */
export interface UnlockParts {
  store: Pick<Store, 'auditEvents'>;
  client: Client;
  taskQueue: string;
}

/**
 * Requests that a record be unlocked, and audits the request under `account`: the account on the page, the operating
 * system's user of a command. Where the record's workflow is gone (terminated, or Temporal's data lost) this starts
 * another. The workflow audits the unlock itself, under the name `by`. Returns whether the request was sent.
 */
export async function requestUnlock(
  { store, client, taskQueue }: UnlockParts,
  record: { _id: string; instance: string },
  { by, why, account }: { by: string; why?: string; account: string },
): Promise<boolean> {
  const { _id, instance } = record;
  // Before it is sent: in the audit a request comes before the unlock.
  const at = new Date();
  const sent = await withDeadline(client, () =>
    client.workflow.signalWithStart('patientWorkflow', {
      ...patientStart(record, taskQueue),
      signal: unlockSignal,
      signalArgs: [why === undefined ? { by } : { by, why }],
    }),
  ).then(
    () => true,
    () => false,
  );
  const outcome = sent ? 'sent' : 'not sent: Temporal does not answer';
  const event = { at, who: account, what: 'unlock-requested', instance, record: _id, why: why ?? null } as const;
  await audit(store, { ...event, outcome });
  return sent;
}
