import type { Anchor } from '../domain/audit.ts';
import type { AuditReport } from '../store/auditEvents.ts';
import type { Store } from '../store/connect.ts';
import type { DisclosureReport } from '../store/disclosures.ts';

/** The most entries that are checked while a person waits for a page. */
export const CHECKED_ON_PAGE = 100_000;

/** Checks the audit and the disclosures, and stores the result for the page of the audit. */
export async function checkAudit(
  store: {
    auditEvents: Pick<Store['auditEvents'], 'verify'>;
    disclosures: Pick<Store['disclosures'], 'verify'>;
    auditPages: Pick<Store['auditPages'], 'noteCheck'>;
  },
  by: { who: string; at: Date },
  known: { anchors?: readonly Anchor[]; authenticatedFrom?: number } = {},
): Promise<{ report: AuditReport; disclosures: DisclosureReport; isIntact: boolean }> {
  const report = await store.auditEvents.verify(known.anchors, known.authenticatedFrom);
  const disclosures = await store.disclosures.verify();
  const isIntact = report.broken === 0 && disclosures.changed.length === 0;
  const { entries, broken, authenticated } = report;
  const changedDisclosures = disclosures.changed.length;
  await store.auditPages.noteCheck({ ...by, isIntact, entries, broken, changedDisclosures, authenticated });
  return { report, disclosures, isIntact };
}
