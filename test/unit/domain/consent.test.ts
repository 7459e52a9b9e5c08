import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Audience,
  type Consent,
  type ConsentScope,
  consentFor,
  consentStateAt,
  type EnteredConsent,
  purposes,
  readConsent,
} from '../../../domain/consent.ts';
import { bases, basisNames, basisText, mayDisclose, notice, readRelease } from '../../../domain/disclosure.ts';
import { DAY_MS, utcDay } from '../../../domain/time.ts';

const NOON = new Date('2026-03-02T12:00:00Z');
const scope: ConsentScope = {
  recipients: ['Harbor Recovery', 'treating providers'],
  purposes: ['treatment', 'payment'],
  signedOn: '2026-01-04',
  expiresOn: '2026-03-02',
};
const recorded = (change: Partial<ConsentScope> = {}): Consent => ({
  state: 'recorded',
  scope: { ...scope, ...change },
});
const toHarbor: Audience = { recipient: 'Harbor Recovery', recipientClass: null, purpose: 'treatment' };

describe('A consent', () => {
  it.each<[string, Consent, Partial<Audience>, string, object]>([
    ['covers a recipient that it names', recorded(), {}, '2026-03-02T12:00:00Z', { by: 'Harbor Recovery' }],
    [
      'ignores case and blanks',
      recorded(),
      { recipient: ' harbor  RECOVERY' },
      '2026-03-02T12:00:00Z',
      { by: 'Harbor Recovery' },
    ],
    [
      'covers a class that it names',
      recorded(),
      { recipient: 'Dr. Alder', recipientClass: 'Treating providers' },
      '2026-03-02T12:00:00Z',
      { by: 'treating providers' },
    ],
    [
      'covers no other recipient',
      recorded(),
      { recipient: 'Harbor' },
      '2026-03-02T12:00:00Z',
      { gap: 'other-recipient' },
    ],
    ['covers no blank recipient', recorded(), { recipient: ' ' }, '2026-03-02T12:00:00Z', { gap: 'other-recipient' }],
    [
      'covers no other purpose',
      recorded(),
      { purpose: 'operations' },
      '2026-03-02T12:00:00Z',
      { gap: 'other-purpose' },
    ],
    ['is valid through its last day', recorded(), {}, '2026-03-02T23:59:59.999Z', { by: 'Harbor Recovery' }],
    ['is expired on the next day', recorded(), {}, '2026-03-03T00:00:00Z', { gap: 'expired' }],
    [
      'without a last day does not expire',
      recorded({ expiresOn: null }),
      {},
      '2036-03-03T00:00:00Z',
      { by: 'Harbor Recovery' },
    ],
    ['is valid from its signature', recorded(), {}, '2026-01-03T23:59:59Z', { gap: 'not-yet-signed' }],
    ['that is unknown covers nothing', { state: 'unknown' }, {}, '2026-03-02T12:00:00Z', { gap: 'unknown' }],
    ['that was refused covers nothing', { state: 'refused' }, {}, '2026-03-02T12:00:00Z', { gap: 'refused' }],
    ['that was revoked covers nothing', { state: 'revoked' }, {}, '2026-03-02T12:00:00Z', { gap: 'revoked' }],
    ['that is marked as expired covers nothing', { state: 'expired' }, {}, '2026-03-02T12:00:00Z', { gap: 'expired' }],
  ])('%s', (_, consent, change, at, found) => {
    expect(consentFor(consent, { ...toHarbor, ...change }, new Date(at), 'UTC')).toEqual(found);
  });

  it.each([
    ['America/Los_Angeles', '2026-03-03T07:59:59Z', 'recorded'],
    ['America/Los_Angeles', '2026-03-03T08:00:00Z', 'expired'],
    ['UTC', '2026-03-03T00:00:00Z', 'expired'],
    ['Europe/Berlin', '2026-03-02T22:59:59Z', 'recorded'],
    ['Europe/Berlin', '2026-03-02T23:00:00Z', 'expired'],
  ])('ends when its last day ends in %s: %s', (zone, at, state) => {
    expect(consentStateAt(recorded(), new Date(at), zone)).toBe(state);
    const release = { ...toHarbor, basis: 'consent' as const, why: null };
    expect(mayDisclose(recorded(), release, new Date(at), zone).allowed).toBe(state === 'recorded');
  });

  it('is shown as expired after its last day, whatever is stored', () => {
    expect(consentStateAt(recorded(), NOON, 'UTC')).toBe('recorded');
    expect(consentStateAt(recorded(), new Date(NOON.getTime() + DAY_MS), 'UTC')).toBe('expired');
    expect(consentStateAt({ state: 'refused' }, NOON, 'UTC')).toBe('refused');
  });

  const entered: EnteredConsent = { ...scope, state: 'recorded', expiresOn: '' };
  it.each<[string, Partial<EnteredConsent>, RegExp]>([
    ['without a recipient', { recipients: [' ', '\u200b'] }, /at least one recipient/],
    ['with too many recipients', { recipients: Array.from({ length: 51 }, (_, n) => `Clinic ${n}`) }, /at most 50/],
    ['with too long a recipient', { recipients: ['x'.repeat(201)] }, /200 characters/],
    ['without a purpose', { purposes: [] }, /at least one purpose/],
    ['without a signature', { signedOn: '' }, /day of the signature/],
    ['with a day that does not exist', { signedOn: '2026-02-30' }, /day of the signature/],
    ['with a last day that does not exist', { expiresOn: '2026-02-30' }, /last day/],
    ['signed in the future', { signedOn: '2026-03-03' }, /in the future/],
    ['that ends before its signature', { expiresOn: '2026-01-03' }, /before its signature/],
  ])('%s is refused when it is entered', (_, change, words) => {
    const read = readConsent({ ...entered, ...change }, NOON);
    expect('wrong' in read ? read.wrong : '').toMatch(words);
  });

  it('is stored as it was entered, without double or blank recipients', () => {
    const recipients = [' Harbor  Recovery', 'Harbor Recovery', ''];
    expect(readConsent({ ...entered, recipients }, NOON)).toEqual({
      consent: { state: 'recorded', scope: { ...scope, recipients: ['Harbor Recovery'], expiresOn: null } },
    });
    expect(readConsent({ ...entered, state: 'revoked', recipients: [] }, NOON)).toEqual({
      consent: { state: 'revoked' },
    });
  });
});

describe('A disclosure', () => {
  const entered = { ...toHarbor, recipientClass: '', basis: 'consent' as const, why: '' };
  const wrongOf = (change: object, alone = false) => {
    const read = readRelease({ ...entered, ...change }, { alone });
    return 'wrong' in read ? read.wrong : '';
  };

  it.each<[string, object, RegExp]>([
    ['without a recipient', { recipient: ' ' }, /who receives/],
    ['with too long a recipient', { recipient: 'x'.repeat(201) }, /200 characters/],
    ['with too long a reason', { basis: 'research', why: 'x'.repeat(501) }, /500 characters/],
    ...basisNames
      .filter((basis) => basis !== 'consent')
      .map((basis): [string, object, RegExp] => [
        `on the basis ${basis} without a reason`,
        { basis },
        bases[basis].alone ? /about one patient/ : /why this basis applies/,
      ]),
  ])('%s is refused when it is entered', (_, change, words) => {
    expect(wrongOf(change)).toMatch(words);
  });

  it('to the patient names no one', () => {
    const release = { ...entered, recipient: 'Odalys Brandvold', basis: 'patient' as const, why: 'asked in person' };
    expect(readRelease(release, { alone: true })).toMatchObject({ release: { recipient: 'the patient' } });
  });

  it('is explained by the scope of its consent, which names no other recipient', () => {
    const decision = mayDisclose(recorded(), { ...toHarbor, basis: 'consent', why: null }, NOON, 'UTC');
    const text = basisText('consent', decision.allowed ? decision.consent : null);
    expect(text).toBe(
      'Consent of 2026-01-04, until 2026-03-02, to Harbor Recovery, for treatment, payment; it may be revoked',
    );
    expect(basisText('medical-emergency', null)).toBe('Without consent: medical emergency (42 CFR 2.51)');
  });

  it('is accompanied by the statement of the rule of 2024', () => {
    expect(notice).toEqual({
      id: '42 CFR 2.32(a)(2)',
      version: '2024-04-16',
      text: '42 CFR part 2 prohibits unauthorized use or disclosure of these records.',
    });
  });

  const day = fc.integer({ min: -400, max: 400 }).map((days) => utcDay(new Date(NOON.getTime() + days * DAY_MS)));
  const name = fc.constantFrom('Harbor Recovery', 'Cedar House', 'treating providers');
  const anyConsent: fc.Arbitrary<Consent> = fc.oneof(
    fc.constantFrom<Consent>({ state: 'unknown' }, { state: 'refused' }, { state: 'revoked' }, { state: 'expired' }),
    fc.record({
      state: fc.constant('recorded' as const),
      scope: fc.record({
        recipients: fc.uniqueArray(name, { minLength: 1 }),
        purposes: fc.uniqueArray(fc.constantFrom(...purposes), { minLength: 1 }),
        signedOn: day,
        expiresOn: fc.option(day),
      }),
    }),
  );

  it('on the basis of consent is allowed exactly when all of the scope covers it; other bases need none', () => {
    const release = fc.record({
      ...{ recipient: name, recipientClass: fc.option(name), purpose: fc.constantFrom(...purposes) },
      ...{ basis: fc.constantFrom('consent' as const, 'research' as const), why: fc.constant(null) },
    });
    fc.assert(
      fc.property(anyConsent, release, fc.integer({ min: -400, max: 400 }), (consent, wanted, days) => {
        const at = new Date(NOON.getTime() + days * DAY_MS);
        const today = utcDay(at);
        const covered =
          consent.state === 'recorded' &&
          [wanted.recipient, wanted.recipientClass].some((one) =>
            consent.scope.recipients.some((own) => own === one),
          ) &&
          consent.scope.purposes.includes(wanted.purpose) &&
          consent.scope.signedOn <= today &&
          (consent.scope.expiresOn === null || today <= consent.scope.expiresOn);
        expect(mayDisclose(consent, wanted, at, 'UTC').allowed).toBe(wanted.basis !== 'consent' || covered);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('The limits of what is entered', () => {
  const entered: EnteredConsent = {
    ...{ state: 'recorded', recipients: ['Harbor Recovery'], purposes: ['treatment'] },
    ...{ signedOn: '2026-01-04', expiresOn: '' },
  };
  const names = (n: number) => Array.from({ length: n }, (_, at) => `Recipient ${at}`);
  const EARLY = 'The last day of the consent is before its signature.';

  it.each<[string, Partial<EnteredConsent>, string | null]>([
    ['fifty recipients', { recipients: names(50) }, null],
    ['fifty-one', { recipients: names(51) }, 'Enter at most 50 recipients.'],
    ['a name of 200 characters', { recipients: ['x'.repeat(200)] }, null],
    [
      'a longer one among others',
      { recipients: ['Harbor', 'x'.repeat(201)] },
      'A recipient has at most 200 characters.',
    ],
    ['blank recipients alone', { recipients: [' ', ''] }, 'Enter at least one recipient, as the form names it.'],
    ['a signature at this moment', { signedOn: '2026-03-02' }, null],
    ['a signature tomorrow', { signedOn: '2026-03-03' }, 'The day of the signature is in the future.'],
    ['a last day on that of the signature', { expiresOn: '2026-01-04' }, null],
    ['a last day before the signature', { expiresOn: '2026-01-03' }, EARLY],
    ['a last day after the signature', { expiresOn: '2026-01-05' }, null],
    [
      'a last day that is none',
      { expiresOn: '2025-02-30' },
      'Enter the last day of the consent as 2027-01-31, or leave it empty.',
    ],
    [
      'a signature that is no day, and a last day',
      { signedOn: '1', expiresOn: '2026-01-03' },
      'Enter the day of the signature, as 2026-01-31.',
    ],
    ['a time for a day', { signedOn: '2026-01-04T10:00:00' }, 'Enter the day of the signature, as 2026-01-31.'],
    ['more before the day', { signedOn: 'x2026-01-04' }, 'Enter the day of the signature, as 2026-01-31.'],
    ['the first day that computers know', { signedOn: '1970-01-01' }, 'Enter the day of the signature, as 2026-01-31.'],
    ['the day after it', { signedOn: '1970-01-02' }, null],
  ])('%s', (_, change, wrong) => {
    const read = readConsent({ ...entered, ...change }, new Date('2026-03-02T00:00:00Z'));
    expect('wrong' in read ? read.wrong : null).toBe(wrong);
  });

  it('a consent begins at the first moment of the day of its signature', () => {
    expect(consentFor(recorded(), toHarbor, new Date('2026-01-04T00:00:00Z'), 'UTC')).toEqual({
      by: 'Harbor Recovery',
    });
  });

  it('a blank name is covered by no blank name', () => {
    const blank = recorded({ recipients: [' ', 'Harbor Recovery'] });
    expect(consentFor(blank, { ...toHarbor, recipient: '', recipientClass: ' ' }, NOON, 'UTC')).toEqual({
      gap: 'other-recipient',
    });
  });
});
