import type { Collection } from 'mongodb';
import { canonicalText } from '../domain/audit.ts';
import type { AuditDocument } from './accessDocuments.ts';
import { auditHash } from './auditAppend.ts';
import type { DisclosureDocument } from './disclosureDocuments.ts';

/** What a comparison of the disclosures with the audit found. */
export interface DisclosureReport {
  entries: number;
  /** Audit events whose disclosures were changed, removed or added to. */
  changed: string[];
  /** Disclosures without an event: written by a process that was killed before anything left, or not by this service. */
  withoutEvent: number;
}

/** Operations on what left. Entries are only added. */
export function disclosures(collection: Collection<DisclosureDocument>, events: Collection<AuditDocument>) {
  return {
    /** Adds the disclosures that are made together, before anything leaves. */
    async add(made: readonly DisclosureDocument[]): Promise<void> {
      if (made.length > 0) await collection.insertMany([...made]);
    },

    /** Returns the disclosures of a record since then, oldest first. */
    ofRecord: (record: string, since: Date): Promise<DisclosureDocument[]> =>
      collection
        .find({ record, at: { $gte: since } })
        .sort({ at: 1, _id: 1 })
        .toArray(),

    /** Compares all disclosures with the hashes in the audit. */
    async verify(): Promise<DisclosureReport> {
      const report: DisclosureReport = { entries: await collection.countDocuments(), changed: [], withoutEvent: 0 };
      let covered = 0;
      for await (const { _id, disclosed } of events.find({ what: 'disclosed' })) {
        const found = await collection.find({ event: _id }).toArray();
        covered += found.length;
        if (disclosuresHash(found) !== disclosed) report.changed.push(_id);
      }
      report.withoutEvent = report.entries - covered;
      return report;
    },
  };
}

/** Returns the hash of disclosures that were made together, which their audit event has. */
export function disclosuresHash(made: readonly DisclosureDocument[]): string {
  const ordered = [...made].sort((a, b) => (a._id < b._id ? -1 : 1));
  return auditHash(canonicalText({ disclosures: ordered }));
}
