import type { Consent } from '../domain/consent.ts';
import type { ConsentUsed, Notice, Release } from '../domain/disclosure.ts';

/** The consent of a referral, and who recorded it; `source` is null as long as nobody has. */
export type ReferralConsent = Consent & {
  source: 'staff' | null;
  by: string | null;
  at: Date | null;
  /** Counts the changes, so that one that was decided on an older state is refused. */
  version: number;
};

/** The consent of a referral for which nobody has recorded anything. */
export const unknownConsent: ReferralConsent = { state: 'unknown', source: null, by: null, at: null, version: 0 };

/**
 * What left about one referral: to whom, what, when, by what. It names no patient. Never changed, never removed; an event of
 * the audit has the hash of those that were made together.
 */
export interface DisclosureDocument extends Release {
  _id: string;
  schemaVersion: number;
  /** The audit event of the disclosures that were made together. */
  event: string;
  at: Date;
  by: string;
  way: 'export';
  record: string;
  instance: string;
  revision: number;
  /** The kinds of information. */
  fields: string[];
  consent: ConsentUsed | null;
  /** The statement that accompanied it. */
  statement: Pick<Notice, 'id' | 'version'>;
}

/** A chart that must not come back. `_id` is a hash, from which the chart cannot be found. */
export interface PurgedDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  record: string;
  at: Date;
  /** When all of it was removed; null for a purge that is under way or was interrupted. */
  doneAt: Date | null;
}
