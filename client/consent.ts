import type { Consent } from '../domain/consent.ts';
import type { Store } from '../store/connect.ts';
import { unknownConsent } from '../store/disclosureDocuments.ts';
import type { ListedReferral } from '../store/referralLists.ts';
import { audit, type Viewer } from './audit.ts';

/**
 * Stores the consent of a referral. The audit says who changed the state and when, and nothing that was typed.
 * @throws StoreConflictError when the consent was changed since the referral was read.
 */
export async function setConsent(
  store: Pick<Store, 'referrals' | 'auditEvents'>,
  referral: Pick<ListedReferral, '_id' | 'instance' | 'consent'>,
  consent: Consent,
  viewer: Viewer,
  at: Date,
): Promise<void> {
  const { _id, instance, consent: before = unknownConsent } = referral;
  await store.referrals.setConsent(_id, consent, { version: before.version, by: viewer.who, at });
  const outcome = `${before.state} -> ${consent.state}`;
  await audit(store, { at, ...viewer, what: 'consent-set', instance, record: _id, why: null, outcome });
}
