import { randomUUID } from 'node:crypto';
import { bases, basisText, exportedFields, mayDisclose, notice, type Release } from '../domain/disclosure.ts';
import type { Store } from '../store/connect.ts';
import { type DisclosureDocument, unknownConsent } from '../store/disclosureDocuments.ts';
import { disclosuresHash } from '../store/disclosures.ts';
import { SCHEMA_VERSION } from '../store/documents.ts';
import type { ListedReferral } from '../store/referralLists.ts';
import { auditShown, type Viewer } from './audit.ts';

/** A referral that may leave, and the words by what. */
export interface DisclosedReferral {
  referral: ListedReferral;
  basis: string;
}

/** Returns the zone of the clinic of a referral: by its days a consent begins and ends. */
export type ReferralZone = (referral: Pick<ListedReferral, 'instance' | 'facility'>) => string;

interface DiscloseParts {
  store: Pick<Store, 'referrals' | 'auditEvents' | 'disclosures'>;
  viewer: Viewer;
  /** The filters of the export for the audit, without anything that a person typed. */
  filters: string;
  zoneOf: ReferralZone;
  now: () => Date;
}

/** How many referrals are decided and audited together, and then sent. */
const SLICE = 1_000;

/**
 * Yields the referrals that may be disclosed, in slices, each after its disclosures are stored and in the audit. The others are
 * left out. Each is read again when it is decided, so that a consent which was revoked since then counts.
 */
export async function* disclose(
  { store, viewer, filters, zoneOf, now }: DiscloseParts,
  release: Release,
  candidates: AsyncIterable<{ _id: string }>,
): AsyncGenerator<DisclosedReferral[], void> {
  let slices = 0;
  for await (const ids of inSlices(candidates)) {
    const at = now();
    const found = await store.referrals.latestOf(ids);
    const decided = decideAll([...found.values()], release, at, zoneOf);
    await record(decided);
    const allowed = decided.flatMap(({ referral, decision }) =>
      decision.allowed ? [{ referral, basis: basisText(release.basis, decision.consent) }] : [],
    );
    const left = ids.length - allowed.length;
    const shown = { kind: 'export' as const, records: allowed.map(({ referral }) => referral) };
    const outcome = [filters, bases[release.basis].rule, ...(left > 0 ? [`${left} left out`] : [])].join('; ');
    if (slices === 0 || ids.length > 0)
      await auditShown(store, viewer, { ...shown, filters: outcome }, { at, per: 'request' });
    slices += 1;
    yield allowed;

    async function record(all: typeof decided): Promise<void> {
      const event = `disclosed/${randomUUID()}`;
      const made = all.flatMap(({ referral, decision }, n): DisclosureDocument[] => {
        if (!decision.allowed) return [];
        const { _id, instance, revision } = referral;
        const who = { event, at, by: viewer.who, way: 'export' as const, record: _id, instance, revision };
        const { id, version } = notice;
        const what = { fields: [...exportedFields], consent: decision.consent, statement: { id, version } };
        return [{ _id: `${event}/${n}`, schemaVersion: SCHEMA_VERSION, ...who, ...release, ...what }];
      });
      if (made.length === 0) return;
      await store.disclosures.add(made);
      const instances = [...new Set(made.map(({ instance }) => instance))];
      await store.auditEvents.add({
        ...{ _id: event, at, ...viewer, what: 'disclosed', record: null, why: null },
        records: made.map(({ record: id }) => id),
        instance: instances.length === 1 ? (instances[0] ?? null) : null,
        ...(instances.length > 1 ? { instances } : {}),
        outcome: `${made.length === 1 ? '1 record' : `${made.length} records`} disclosed; ${bases[release.basis].rule}`,
        disclosed: disclosuresHash(made),
      });
    }
  }
}

/** Returns how many of the referrals may be disclosed now, and how many would be left out. */
export async function countDisclosable(
  candidates: AsyncIterable<ListedReferral>,
  release: Release,
  at: Date,
  zoneOf: ReferralZone,
): Promise<{ allowed: number; left: number }> {
  const count = { allowed: 0, left: 0 };
  for await (const referral of candidates) {
    const [one] = decideAll([referral], release, at, zoneOf);
    count[one?.decision.allowed === true ? 'allowed' : 'left'] += 1;
  }
  return count;
}

function decideAll(referrals: readonly ListedReferral[], release: Release, at: Date, zoneOf: ReferralZone) {
  return referrals.map((referral) => ({
    referral,
    decision: mayDisclose(referral.consent ?? unknownConsent, release, at, zoneOf(referral)),
  }));
}

/** Yields ids in slices; an empty one where there are none at all. */
async function* inSlices(candidates: AsyncIterable<{ _id: string }>): AsyncGenerator<string[]> {
  let slice: string[] = [];
  let slices = 0;
  for await (const { _id } of candidates) {
    slice.push(_id);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
    slices += 1;
  }
  if (slice.length > 0 || slices === 0) yield slice;
}
