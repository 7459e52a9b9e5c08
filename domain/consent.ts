import { visibleText } from './chart.ts';
import { dayIn, instantOf } from './time.ts';

/**
 * What is known of a patient's written consent to disclose a referral (42 CFR 2.31). `unknown`: nobody has recorded anything.
 * `recorded`: a signed form covers the whole referral. `expired` is also the state of a recorded one after its last day.
 */
export const consentStates = ['unknown', 'recorded', 'refused', 'revoked', 'expired'] as const;
export type ConsentState = (typeof consentStates)[number];

/** The purposes that a consent and a disclosure can have here. */
export const purposes = ['treatment', 'payment', 'operations', 'patient-request'] as const;
export type Purpose = (typeof purposes)[number];

/** What a signed form allows. Days are `YYYY-MM-DD`, and are read in UTC. */
export interface ConsentScope {
  /** Names of recipients, or of classes of recipients, as the form has them. */
  recipients: readonly string[];
  purposes: readonly Purpose[];
  signedOn: string;
  /** The last day on which it is valid; null where the form sets no date. */
  expiresOn: string | null;
}

export type Consent = { state: 'recorded'; scope: ConsentScope } | { state: Exclude<ConsentState, 'recorded'> };

/** The recipient and the purpose of a disclosure. */
export interface Audience {
  recipient: string;
  /** The class to which the recipient belongs, where the consent names the class and not the recipient. */
  recipientClass: string | null;
  purpose: Purpose;
}

/** Why a consent does not cover a disclosure. */
export type ConsentGap = Exclude<ConsentState, 'recorded'> | 'not-yet-signed' | 'other-recipient' | 'other-purpose';

/** Returns the state at that time: a recorded consent expires by itself, when its last day ends in the zone of the clinic. */
export function consentStateAt(consent: Consent, at: Date, zone: string): ConsentState {
  return consent.state === 'recorded' && isOver(consent.scope, at, zone) ? 'expired' : consent.state;
}

/**
 * Returns the recipient or class of the consent by which it covers a disclosure at that time, or why it does not. Names are
 * compared without regard to case and blanks, and otherwise exactly: whether two names mean the same is for people to decide.
 */
export function consentFor(
  consent: Consent,
  { recipient, recipientClass, purpose }: Audience,
  at: Date,
  zone: string,
): { by: string } | { gap: ConsentGap } {
  if (consent.state !== 'recorded') return { gap: consent.state };
  const { scope } = consent;
  if (isOver(scope, at, zone)) return { gap: 'expired' };
  if (dayIn(at, zone) < scope.signedOn) return { gap: 'not-yet-signed' };
  const wanted = [recipient, recipientClass].map(comparable).filter((name) => name !== '');
  const by = scope.recipients.find((name) => wanted.includes(comparable(name)));
  if (by === undefined) return { gap: 'other-recipient' };
  return scope.purposes.includes(purpose) ? { by } : { gap: 'other-purpose' };
}

function isOver({ expiresOn }: ConsentScope, at: Date, zone: string): boolean {
  return expiresOn !== null && dayIn(at, zone) > expiresOn;
}

function comparable(name: string | null): string {
  return visibleText(name).toLowerCase();
}

/** What a person entered about a consent, as texts; a day or list that was left empty is blank. */
export interface EnteredConsent {
  state: ConsentState;
  recipients: readonly string[];
  purposes: readonly Purpose[];
  signedOn: string;
  expiresOn: string;
}

const MAX_RECIPIENTS = 50;
export const MAX_NAME = 200;

/** Returns the consent, or what is wrong with what was entered. */
export function readConsent(entered: EnteredConsent, now: Date): { consent: Consent } | { wrong: string } {
  const { state, signedOn } = entered;
  if (state !== 'recorded') return { consent: { state } };
  const recipients = [...new Set(entered.recipients.map(visibleText))].filter((name) => name !== '');
  const expiresOn = entered.expiresOn === '' ? null : entered.expiresOn;
  const wrong = [
    recipients.length === 0 && 'Enter at least one recipient, as the form names it.',
    recipients.length > MAX_RECIPIENTS && `Enter at most ${MAX_RECIPIENTS} recipients.`,
    recipients.some((name) => name.length > MAX_NAME) && `A recipient has at most ${MAX_NAME} characters.`,
    entered.purposes.length === 0 && 'Choose at least one purpose.',
    !isDay(signedOn) && 'Enter the day of the signature, as 2026-01-31.',
    expiresOn !== null && !isDay(expiresOn) && 'Enter the last day of the consent as 2027-01-31, or leave it empty.',
    isDay(signedOn) && instantOf(signedOn) > now && 'The day of the signature is in the future.',
    isDay(signedOn) && expiresOn !== null && isDay(expiresOn) && expiresOn < signedOn && EARLY,
  ].find((text) => text !== false);
  if (wrong !== undefined) return { wrong };
  return { consent: { state, scope: { recipients, purposes: [...new Set(entered.purposes)], signedOn, expiresOn } } };
}

const EARLY = 'The last day of the consent is before its signature.';

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    return instantOf(text).getTime() > 0;
  } catch {
    return false;
  }
}
