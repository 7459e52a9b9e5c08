import type { Collection, Document } from 'mongodb';
import type { Consent, ConsentState } from '../domain/consent.ts';
import { StoreConflictError } from './conflict.ts';
import type { ReferralConsent } from './disclosureDocuments.ts';
import type { ReferralDocument } from './documents.ts';

/** Operations on the consents of referrals. */
export function consents(collection: Collection<ReferralDocument>) {
  return {
    /**
     * Stores the consent of a record's referral.
     * @throws StoreConflictError when there is no referral, or its consent was changed since that version was read.
     */
    async setConsent(
      recordId: string,
      consent: Consent,
      { version, by, at }: { version: number; by: string; at: Date },
    ): Promise<void> {
      const next: ReferralConsent = { ...consent, source: 'staff', by, at, version: version + 1 };
      const unchanged = version === 0 ? { 'consent.version': { $in: [0, null] } } : { 'consent.version': version };
      // The driver's types do not accept a path as a plain string.
      const written = await collection.updateOne({ _id: recordId, ...unchanged } as never, { $set: { consent: next } });
      if (written.matchedCount === 0) throw new StoreConflictError('referrals');
    },
  };
}

/** Returns the filter for referrals whose consent has the state on that day. */
export function consentFilter(state: ConsentState, today: string): Document {
  switch (state) {
    case 'unknown':
      return { 'consent.state': { $in: ['unknown', null] } };
    case 'recorded':
      return {
        'consent.state': 'recorded',
        $or: [{ 'consent.scope.expiresOn': null }, { 'consent.scope.expiresOn': { $gte: today } }],
      };
    case 'expired':
      return {
        $or: [
          { 'consent.state': 'expired' },
          { 'consent.state': 'recorded', 'consent.scope.expiresOn': { $lt: today, $gte: '' } },
        ],
      };
    default:
      return { 'consent.state': state };
  }
}
