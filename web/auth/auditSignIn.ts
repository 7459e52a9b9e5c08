import { createHash, randomUUID } from 'node:crypto';
import type { Viewer } from '../../client/audit.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';

/** Used when no account has the name, because the text typed as a name may be a password. */
const UNKNOWN = 'unknown name';

type Audit = { auditEvents: Pick<Store['auditEvents'], 'add' | 'get'> };
type Kind = Extract<AuditDocument['what'], 'signed-in' | 'signed-out'>;

/** Audits a sign-in or sign-out, and from which address. */
export async function auditSignIn(store: Audit, viewer: Viewer, what: Kind, outcome: string, at: Date): Promise<void> {
  await store.auditEvents.add({ _id: `sign-in/${randomUUID()}`, at, ...viewer, what, ...nothing, outcome });
}

/**
 * Audits a refused sign-in: one event per account, reason and minute, however many attempts there were and from however many
 * addresses. It has the address of the first.
 */
export async function auditRefusedSignIn(
  store: Audit,
  { account, from }: { account: string | null; from: string },
  reason: string,
  at: Date,
): Promise<void> {
  const who = account ?? UNKNOWN;
  const key = createHash('sha256')
    .update(JSON.stringify([who, reason]))
    .digest('base64url');
  const _id = `sign-in-refused/${key}/${Math.floor(at.getTime() / MINUTE_MS)}`;
  if ((await store.auditEvents.get(_id)) !== null) return;
  const outcome = `refused: ${reason}`;
  await store.auditEvents.add({ _id, at, who, from, what: 'sign-in-refused', ...nothing, outcome });
}

const nothing = { instance: null, record: null, why: null };
