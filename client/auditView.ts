import type { AuditDocument } from '../store/accessDocuments.ts';

/** An audit event in a list. `seq` is its place in the chain; null for one that has none. */
export interface AuditView {
  seq: number | null;
  at: Date;
  who: string;
  what: AuditDocument['what'];
  instance: string | null;
  record: string | null;
  why: string | null;
  outcome: string;
}

export function auditView({ at, who, what, instance, record, why, outcome, ...event }: AuditDocument): AuditView {
  // Entries from before the chain have no place, whatever the type says.
  const { seq = null }: { seq?: number | null } = event;
  return { seq, at, who, what, instance, record, why, outcome };
}
