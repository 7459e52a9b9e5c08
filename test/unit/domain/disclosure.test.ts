import { describe, expect, it } from 'vitest';
import type { Consent } from '../../../domain/consent.ts';
import { basisText, mayDisclose, type Release, readRelease } from '../../../domain/disclosure.ts';

const at = new Date('2026-03-02T12:00:00Z');
const entered = {
  ...{ recipient: 'Harbor Recovery', recipientClass: '', purpose: 'treatment' as const, basis: 'consent' as const },
  why: '',
};
type Entered = Parameters<typeof readRelease>[0];

describe('A release that is entered', () => {
  it.each<[string, Partial<Entered>, Partial<Release>]>([
    ['with consent', {}, { recipient: 'Harbor Recovery', recipientClass: null, why: null }],
    ['with consent, to a class', { recipientClass: ' treating  providers ' }, { recipientClass: 'treating providers' }],
    ['with consent, whose reason is dropped', { why: 'because' }, { why: null }],
    ['without consent, with a reason', { basis: 'medical-emergency', why: ' unconscious ' }, { why: 'unconscious' }],
    [
      'without consent, whose class is dropped',
      { basis: 'medical-emergency', why: 'x', recipientClass: 'providers' },
      { recipientClass: null, why: 'x' },
    ],
    ['to a recipient of 200 characters', { recipient: 'x'.repeat(200) }, { recipient: 'x'.repeat(200) }],
    ['with a reason of 500 characters', { basis: 'medical-emergency', why: 'x'.repeat(500) }, { why: 'x'.repeat(500) }],
    ['to the patient', { basis: 'patient', why: 'asked', recipient: 'Ada' }, { recipient: 'the patient' }],
  ])('%s is read', (_, change, release) => {
    expect(readRelease({ ...entered, ...change }, { alone: true })).toMatchObject({ release });
  });

  it.each<[string, Partial<Entered>, string]>([
    ['without a recipient', { recipient: ' ' }, 'Enter who receives the file.'],
    ['to a longer recipient', { recipient: 'x'.repeat(201) }, 'A recipient has at most 200 characters.'],
    ['to a longer class', { recipientClass: 'x'.repeat(201) }, 'A recipient has at most 200 characters.'],
    [
      'without consent and reason',
      { basis: 'medical-emergency', why: ' ' },
      'Enter why this basis applies. It is stored with the disclosure.',
    ],
    ['with a longer reason', { basis: 'medical-emergency', why: 'x'.repeat(501) }, 'Use at most 500 characters.'],
  ])('%s is refused', (_, change, wrong) => {
    expect(readRelease({ ...entered, ...change }, { alone: true })).toEqual({ wrong });
  });

  it('on a basis about one patient is refused for several', () => {
    const one: Entered = { ...entered, basis: 'court-order', why: 'ordered' };
    expect(readRelease(one, { alone: false })).toEqual({
      wrong: 'This basis is about one patient: export from the page of the record.',
    });
    expect(readRelease(one, { alone: true })).toMatchObject({ release: { basis: 'court-order' } });
    expect(readRelease(entered, { alone: false })).toMatchObject({ release: { basis: 'consent' } });
  });
});

describe('A disclosure', () => {
  const release: Release = { ...entered, recipientClass: null, why: null };
  const scope = { recipients: ['Harbor Recovery', 'x'], purposes: ['treatment' as const], signedOn: '2026-01-04' };
  const consent: Consent = { state: 'recorded', scope: { ...scope, expiresOn: null } };

  it.each<[string, Consent, Release, object]>([
    [
      'by a consent is allowed by what of it applies',
      consent,
      release,
      {
        allowed: true,
        consent: { by: 'Harbor Recovery', purposes: ['treatment'], signedOn: '2026-01-04', expiresOn: null },
      },
    ],
    [
      'by another basis needs no consent',
      { state: 'refused' },
      { ...release, basis: 'medical-emergency', why: 'x' },
      { allowed: true, consent: null },
    ],
    ['by a consent that was refused is not', { state: 'refused' }, release, { allowed: false, gap: 'refused' }],
    ['to another is not', consent, { ...release, recipient: 'Elm' }, { allowed: false, gap: 'other-recipient' }],
  ])('%s', (_, given, wanted, decision) => {
    expect(mayDisclose(given, wanted, at, 'UTC')).toEqual(decision);
  });

  it('is explained with and without a last day', () => {
    const used = { by: 'Harbor Recovery', purposes: ['treatment' as const], signedOn: '2026-01-04' };
    expect(basisText('consent', { ...used, expiresOn: null })).toBe(
      'Consent of 2026-01-04, without a last day, to Harbor Recovery, for treatment; it may be revoked',
    );
    expect(basisText('consent', { ...used, expiresOn: '2026-05-01' })).toContain(', until 2026-05-01, to ');
  });
});
