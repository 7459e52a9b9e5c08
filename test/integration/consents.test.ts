import { afterAll, describe, expect, it } from 'vitest';
import { type Consent, consentStateAt, consentStates } from '../../domain/consent.ts';
import { notice } from '../../domain/disclosure.ts';
import { utcDay } from '../../domain/time.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { openStore } from '../../store/connect.ts';
import { unknownConsent } from '../../store/disclosureDocuments.ts';
import type { ReferralDocument } from '../../store/documents.ts';
import { newRecordId } from '../../store/ids.ts';
import { aReferral } from '../support/recordFixtures.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri, db } = await mongoForTests();
const store = openStore({ uri, database: db.databaseName });
afterAll(() => store.close());
await store.setUp();

const NOW = new Date('2026-03-01T12:00:00Z');
const until = (expiresOn: string | null): Consent => ({
  state: 'recorded',
  scope: { recipients: ['Harbor Recovery'], purposes: ['treatment'], signedOn: '2026-01-04', expiresOn },
});
const all: Consent[] = [
  ...(['unknown', 'refused', 'revoked', 'expired'] as const).map((state) => ({ state })),
  ...[null, '2026-02-28', '2026-03-01', '2026-03-02'].map(until),
];
const by = { who: 'rvale', at: NOW };
let charts = 0;

/** Adds a referral; without a consent, as an earlier version did. */
async function add(consent?: Consent): Promise<string> {
  charts += 1;
  const [_id, casefileId] = [newRecordId(), `${charts}:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe`];
  const { revisions: _none, ...latest } = aReferral({ _id, casefileId });
  const document: ReferralDocument = { ...latest, revisions: [latest] };
  await store.collections.referrals.insertOne(document);
  if (consent !== undefined) await store.referrals.setConsent(_id, consent, { version: 0, by: by.who, at: by.at });
  return _id;
}

describe('Consents in MongoDB', () => {
  it('are found by the state that they have at that time', async () => {
    const stored = await Promise.all([...all, undefined].map((consent) => add(consent)));
    const states = [...all.map((consent) => consentStateAt(consent, NOW, 'UTC')), 'unknown'];
    for (const state of consentStates) {
      const query = { instances: ['north'], consent: { state, todayOf: () => utcDay(NOW) } };
      const listed: string[] = [];
      for await (const { _id } of store.referrals.all(query)) listed.push(_id);
      expect([state, listed.sort()]).toEqual([state, stored.filter((_, n) => states[n] === state).sort()]);
      for (const order of ['changed', 'destination'] as const) {
        const { found } = await store.referrals.page(query, order, null, 50);
        expect(found.map(({ _id }) => _id).sort()).toEqual(listed);
      }
    }
  });

  it('are not overwritten by a change that was decided on an older state', async () => {
    const id = await add();
    const set = (version: number, consent: Consent) =>
      store.referrals.setConsent(id, consent, { version, by: 'rvale', at: NOW });
    await set(0, until(null));
    await expect(set(0, { state: 'refused' })).rejects.toThrow(StoreConflictError);
    const race = await Promise.allSettled([set(1, { state: 'refused' }), set(1, { state: 'revoked' })]);
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await store.referrals.get(id))?.consent).toMatchObject({
      version: 2,
      source: 'staff',
      by: 'rvale',
      at: NOW,
    });
    await expect(set(7, { state: 'refused' })).rejects.toThrow(StoreConflictError);
  });

  it('and the statement are added by the set-up to referrals of earlier versions, once', async () => {
    const [old, known] = [await add(), await add({ state: 'refused' })];
    // As the version before left it: the migrations did not run.
    await store.collections.migrations.deleteMany({});
    await store.setUp();
    await store.setUp();
    expect(await store.referrals.get(old)).toMatchObject({ notice, consent: unknownConsent });
    expect(await store.referrals.get(known)).toMatchObject({ notice, consent: { state: 'refused', version: 1 } });
  });
});

describe('A purged chart', () => {
  it('gets no record from a list or a webhook; others do', async () => {
    const [gone, other] = ['7701:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe', '7702:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe'];
    const row = (casefileId: string) => ({ casefileId, masterId: 'm', lastUpdatedAt: '2026-03-01T10:00:00.000Z' });
    const [gonesId] = (await store.records.upsertListed('north', [row(gone)], NOW)).due;
    const record = await store.records.get(gonesId ?? '');
    if (record === null) throw new Error('no record');
    await store.purged.add(record, NOW);
    expect(await store.purged.unfinished(['north'])).toEqual([record._id]);
    expect(await store.records.remove({ _id: record._id, rev: record.rev - 1 })).toBe(false);
    expect(await store.records.remove(record)).toBe(true);
    await store.purged.done(record._id, NOW);
    expect(await store.purged.unfinished(['north'])).toEqual([]);
    const { due, changes } = await store.records.upsertListed('north', [row(gone), row(other)], NOW);
    expect([due.length, changes.map(({ casefileId }) => casefileId)]).toEqual([1, [other]]);
    expect(await store.records.ensureRecord('north', gone, 'm', NOW)).toBeNull();
    expect(await store.records.ofCharts('north', [gone])).toEqual([]);
    // Another instance has its own charts.
    expect(await store.records.ensureRecord('south', gone, 'm', NOW)).not.toBeNull();
  });
});
