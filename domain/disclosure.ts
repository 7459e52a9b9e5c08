import { visibleText } from './chart.ts';
import { type Audience, type Consent, type ConsentGap, type ConsentScope, consentFor, MAX_NAME } from './consent.ts';

/** A statement that accompanies a disclosure (42 CFR 2.32). */
export interface Notice {
  id: string;
  /** The date from which this text is the rule's. */
  version: string;
  text: string;
}

/** The second of the two statements of 42 CFR 2.32(a), as amended in 2024 (89 FR 12472). */
export const notice: Notice = {
  id: '42 CFR 2.32(a)(2)',
  version: '2024-04-16',
  text: '42 CFR part 2 prohibits unauthorized use or disclosure of these records.',
};

/**
 * By what a disclosure is allowed: the patient's consent, or a provision of 42 CFR part 2 that needs none. `alone` is true for
 * provisions that are about one patient at a time.
 */
export const bases = {
  consent: { rule: '42 CFR 2.31', words: "the patient's written consent", alone: false },
  program: { rule: '42 CFR 2.12(c)(3)', words: 'within the program, or with its administration', alone: false },
  'service-organization': { rule: '42 CFR 2.12(c)(4)', words: 'to a qualified service organization', alone: false },
  'audit-evaluation': { rule: '42 CFR 2.53', words: 'audit and evaluation', alone: false },
  research: { rule: '42 CFR 2.52', words: 'scientific research', alone: false },
  patient: { rule: '42 CFR 2.23', words: 'to the patient', alone: true },
  'medical-emergency': { rule: '42 CFR 2.51', words: 'medical emergency', alone: true },
  'court-order': { rule: '42 CFR 2.61-2.67', words: 'court order', alone: true },
} as const;
export type Basis = keyof typeof bases;
export const basisNames = Object.keys(bases) as Basis[];

/** A disclosure that a person wants to make. */
export interface Release extends Audience {
  basis: Basis;
  /** What makes a basis other than consent apply; null with consent. */
  why: string | null;
}

/** What of a consent is stored with a disclosure. It names no other recipient of the consent. */
export interface ConsentUsed extends Pick<ConsentScope, 'purposes' | 'signedOn' | 'expiresOn'> {
  /** The recipient or class of the consent that applied. */
  by: string;
}

export type Decision = { allowed: true; consent: ConsentUsed | null } | { allowed: false; gap: ConsentGap };

/** Decides whether a referral with this consent may be disclosed at that time, by the days of the clinic's zone. */
export function mayDisclose(consent: Consent, release: Release, at: Date, zone: string): Decision {
  if (release.basis !== 'consent') return { allowed: true, consent: null };
  const found = consentFor(consent, release, at, zone);
  if ('gap' in found) return { allowed: false, gap: found.gap };
  if (consent.state !== 'recorded') return { allowed: false, gap: consent.state };
  const { purposes, signedOn, expiresOn } = consent.scope;
  return { allowed: true, consent: { by: found.by, purposes, signedOn, expiresOn } };
}

const MAX_WHY = 500;
/** The recipient of a disclosure to the patient: a name of the patient is stored nowhere else. */
const THE_PATIENT = 'the patient';

/** Returns the release, or what is wrong with what was entered. `alone` is true when it is about one record. */
export function readRelease(
  entered: Omit<Release, 'recipientClass' | 'why'> & { recipientClass: string; why: string },
  { alone }: { alone: boolean },
): { release: Release } | { wrong: string } {
  const { basis, purpose } = entered;
  const recipient = basis === 'patient' ? THE_PATIENT : visibleText(entered.recipient);
  const recipientClass = visibleText(entered.recipientClass);
  const why = entered.why.trim();
  const wrong = [
    recipient === '' && 'Enter who receives the file.',
    Math.max(recipient.length, recipientClass.length) > MAX_NAME && `A recipient has at most ${MAX_NAME} characters.`,
    bases[basis].alone && !alone && 'This basis is about one patient: export from the page of the record.',
    basis !== 'consent' && why === '' && 'Enter why this basis applies. It is stored with the disclosure.',
    why.length > MAX_WHY && `Use at most ${MAX_WHY} characters.`,
  ].find((text) => text !== false);
  if (wrong !== undefined) return { wrong };
  return {
    release: {
      ...{ recipient, purpose, basis, why: basis === 'consent' ? null : why },
      recipientClass: recipientClass === '' || basis !== 'consent' ? null : recipientClass,
    },
  };
}

/** Returns by what a disclosure is allowed, in words that accompany it: for consent, the explanation of its scope. */
export function basisText(basis: Basis, used: ConsentUsed | null): string {
  const { rule, words } = bases[basis];
  if (used === null) return `Without consent: ${words} (${rule})`;
  const until = used.expiresOn === null ? 'without a last day' : `until ${used.expiresOn}`;
  const forWhat = used.purposes.map((purpose) => purposeWords[purpose]).join(', ');
  return `Consent of ${used.signedOn}, ${until}, to ${used.by}, for ${forWhat}; it may be revoked`;
}

export const purposeWords = {
  treatment: 'treatment',
  payment: 'payment',
  operations: 'health care operations',
  'patient-request': "the patient's request",
} as const;

/** What a referral in an export says, by kind: an accounting names these. */
export const exportedFields = [
  ...['name', 'date of birth', 'medical record number', 'chart number', 'facility', 'admission and discharge'],
  ...['levels of care', 'destination'],
] as const;
