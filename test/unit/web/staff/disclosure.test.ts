import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConsentScope, purposes } from '../../../../domain/consent.ts';
import { bases, basisNames, notice } from '../../../../domain/disclosure.ts';
import { DAY_MS, utcDay } from '../../../../domain/time.ts';
import { unknownConsent } from '../../../../store/disclosureDocuments.ts';
import { disclosuresHash } from '../../../../store/disclosures.ts';
import type { ReferralDocument } from '../../../../store/documents.ts';
import { newRecordId } from '../../../../store/ids.ts';
import { consented, heldRecord, RECIPIENT, referralOf, stories } from '../../../support/markedDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const names = ['Silver Fern', 'Cedar House', 'treating providers'] as const;
const name = fc.constantFrom(...names);
const day = fc.integer({ min: -60, max: 60 }).map((days) => utcDay(new Date(NOW.getTime() + days * DAY_MS)));
const scope: fc.Arbitrary<ConsentScope> = fc.record({
  recipients: fc.uniqueArray(name, { minLength: 1 }),
  purposes: fc.uniqueArray(fc.constantFrom(...purposes), { minLength: 1 }),
  signedOn: day,
  expiresOn: fc.option(day),
});
const referral: fc.Arbitrary<ReferralDocument> = fc
  .tuple(fc.constantFrom('unknown', 'refused', 'revoked', 'expired', 'recorded', 'absent'), scope)
  .map(([state, ofForm]) => {
    const made = referralOf(heldRecord({}, { _id: newRecordId() }));
    if (state === 'absent') return made;
    const { consent, ...rest } = consented(made, ofForm);
    if (consent === undefined || state === 'recorded') return { ...rest, ...(consent && { consent }) };
    return { ...rest, consent: { ...consent, state: state as 'refused' } };
  });
const entered = fc.record({
  ...{ recipient: fc.oneof(name, fc.constant(' ')), recipientClass: fc.oneof(name, fc.constant('')) },
  ...{ purpose: fc.constantFrom(...purposes), basis: fc.constantFrom(...basisNames) },
  why: fc.constantFrom('', ' ', 'checked'),
});

/** Says the same as the product, in one expression of its own. */
function isCovered(
  { consent }: ReferralDocument,
  form: { recipient: string; recipientClass: string; purpose: string },
) {
  if (consent?.state !== 'recorded') return false;
  const { recipients, purposes: forWhat, signedOn, expiresOn } = consent.scope;
  const today = utcDay(NOW);
  return (
    recipients.some((one) => one === form.recipient || one === form.recipientClass) &&
    forWhat.some((one) => one === form.purpose) &&
    signedOn <= today &&
    (expiresOn ?? '9999-12-31') >= today
  );
}

describe('An export', () => {
  it('contains no referral without a valid consent or a stated other basis, and each is a stored disclosure', async () => {
    let [left, kept] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(referral, { maxLength: 4 }), entered, fc.boolean(), async (referrals, form, alone) => {
        const { post, data } = await staffApp({ stored: { ...stories().all, referrals } });
        const [first] = referrals;
        const one: Record<string, string> = alone && first !== undefined ? { recordId: first._id } : {};
        // A record of the referral is what the sign-in looks up.
        if (first !== undefined) data.records.push(heldRecord({}, { _id: first._id }));
        const { body, statusCode } = await post('/referrals.csv', { ...form, ...one });
        const isOne = 'recordId' in one;
        const isStated =
          (form.recipient.trim() !== '' || form.basis === 'patient') &&
          (form.basis === 'consent' || form.why.trim() !== '') &&
          (isOne || !bases[form.basis].alone);
        const wanted = isOne ? referrals.slice(0, 1) : referrals;
        const allowed = isStated ? wanted.filter((each) => form.basis !== 'consent' || isCovered(each, form)) : [];
        expect(statusCode).toBe(isStated ? 200 : 303);
        if (!isStated) expect(body).not.toContain('Invented');
        const ids = referrals.map(({ _id }) => _id).filter((id) => isStated && body.includes(`"${id}"`));
        expect(ids).toEqual(allowed.map(({ _id }) => _id));
        expect(data.disclosures.map(({ record }) => record)).toEqual(ids);
        for (const made of data.disclosures)
          expect(made).toMatchObject({
            basis: form.basis,
            purpose: form.purpose,
            by: 'rvale',
            statement: { id: notice.id },
          });
        kept += ids.length;
        left += wanted.length - ids.length;
      }),
      { numRuns: 150 },
    );
    expect([kept > 0, left > 0]).toEqual([true, true]);
  });

  const { all, linked, failed } = stories();
  const mixed = { ...all, referrals: [...all.referrals.map((one) => consented(one)), referralOf(failed)] };

  it('says how many it would leave out before it leaves', async () => {
    const { submit, data } = await staffApp({ stored: mixed });
    const { at, body } = await submit('/referrals/export', { recipient: RECIPIENT });
    expect(at).not.toContain(encodeURIComponent(RECIPIENT));
    expect(body).toContain('1 referral will be exported');
    expect(body).toContain('1 referral is left out');
    expect(data.disclosures).toEqual([]);
    const none = (await submit('/referrals/export', { recipient: 'Nobody' })).body;
    expect(none).toContain('No referral will be exported');
    expect(none).not.toContain('Export as CSV');
  });

  it('without a recipient is not checked: the form is shown again with what was entered, also after a reload', async () => {
    const { submit, get } = await staffApp({ stored: mixed });
    const query = { status: 'open', purpose: 'payment', why: 'Zyreason' };
    for (const path of ['/referrals/export', '/referrals.csv']) {
      const { at, body } = await submit(path, query);
      expect(at).toMatch(/^\/referrals\/export\?status=open&form=s-/);
      for (const page of [body, (await get(at)).body]) {
        expect(page).toContain('role="alert"');
        expect(page).toContain('Zyreason');
        expect(page).toMatch(/<option selected value="payment"|<option value="payment" selected/);
      }
    }
    // Only for the account that entered it, and for an hour.
    expect((await get('/referrals/export?form=s-of-another')).body).not.toContain('role="alert"');
  });

  it('is refused when its disclosures cannot be stored or audited', async () => {
    for (const part of ['disclosures', 'audit'] as const) {
      const { post, data } = await staffApp({ stored: mixed });
      data[part].push = () => {
        throw new Error('down');
      };
      const { body, statusCode } = await post('/referrals.csv', { recipient: RECIPIENT });
      expect(statusCode).toBe(500);
      expect(body).not.toContain('Invented');
    }
  });

  it('leaves out what was revoked after the list was read', async () => {
    const { post, data } = await staffApp({ stored: mixed });
    const filter = data.referrals.filter.bind(data.referrals);
    // The list is read first, then each referral again.
    data.referrals.filter = ((...args: Parameters<typeof filter>) => {
      const found = structuredClone(filter(...args));
      for (const one of data.referrals) one.consent = { ...unknownConsent, state: 'revoked' };
      return found;
    }) as typeof data.referrals.filter;
    const { body } = await post('/referrals.csv', { recipient: RECIPIENT });
    expect(body).not.toContain(linked._id);
    expect(data.disclosures).toEqual([]);
  });

  it('has in the audit the hash of its disclosures, and nothing that was typed', async () => {
    const { post, data } = await staffApp({ stored: mixed });
    await post('/referrals.csv', { recipient: 'Zyrecipient', basis: 'research', why: 'Zyreason' });
    const event = data.audit.find(({ what }) => what === 'disclosed');
    expect(event?.disclosed).toBe(disclosuresHash(data.disclosures));
    expect(event?.records).toEqual([linked._id, failed._id]);
    expect(JSON.stringify(data.disclosures)).toContain('Zyreason');
    expect(JSON.stringify(data.audit)).not.toContain('Zy');
    for (const fact of ['Invented', 'MR-1', '1990-01-01']) expect(JSON.stringify(data.disclosures)).not.toContain(fact);
  });
});

describe('A consent', () => {
  const { all, linked } = stories();
  const url = `/records/${linked._id}/consent`;
  const form = { state: 'recorded', recipients: 'Silver Fern\r\n', purposes: 'treatment', signedOn: '2026-01-04' };

  it('is stored as it was entered, shown on the record and in the list, and audited without its texts', async () => {
    const { post, get, data } = await staffApp({ stored: all });
    expect((await post(url, { ...form, version: '0' })).statusCode).toBe(303);
    expect(data.referrals[0]?.consent).toEqual({
      ...{ state: 'recorded', source: 'staff', by: 'rvale', at: NOW, version: 1 },
      scope: { recipients: ['Silver Fern'], purposes: ['treatment'], signedOn: '2026-01-04', expiresOn: null },
    });
    expect(data.audit).toMatchObject([
      { what: 'consent-set', who: 'rvale', record: linked._id, outcome: 'unknown -> recorded', from: '127.0.0.1' },
    ]);
    expect(JSON.stringify(data.audit)).not.toContain('Silver');
    const record = (await get(`/records/${linked._id}`)).body;
    expect(record).toContain('Consent recorded');
    expect(record).toContain('Silver Fern');
    expect((await get('/referrals')).body).toContain('Consent recorded');
  });

  it('that somebody changed since the form was opened is not overwritten', async () => {
    const { post, submit, data } = await staffApp({ stored: all });
    await post(url, { ...form, version: '0' });
    const { at, body } = await submit(url, { state: 'refused', version: '0' });
    expect(at).toBe(`${url}?changed=1`);
    expect(body).toContain('Nothing was saved');
    expect(data.referrals[0]?.consent?.state).toBe('recorded');
    expect((await post(url, { state: 'refused', version: '1' })).statusCode).toBe(303);
    expect(data.referrals[0]?.consent?.state).toBe('refused');
  });

  it('that is incomplete is not stored, and says why', async () => {
    const { submit, get, data } = await staffApp({ stored: all });
    const { at, body } = await submit(url, { ...form, recipients: ' ', version: '0' });
    expect(at).toMatch(new RegExp(`^${url}\\?form=s-`));
    for (const page of [body, (await get(at)).body]) {
      expect(page).toContain('at least one recipient');
      expect(page).toContain('value="2026-01-04"');
    }
    expect(data.referrals[0]?.consent).toBeUndefined();
  });
});

describe('Every page behind the sign-in', () => {
  it('has the statement at its foot', async () => {
    const { get } = await staffApp({ stored: stories().all });
    for (const path of ['/', '/held', '/referrals', '/runs', '/webhooks', '/referrals/export', '/no/such/page'])
      expect((await get(path)).body).toContain(notice.text);
  });
});
