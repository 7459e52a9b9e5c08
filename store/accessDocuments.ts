import type { ChainLink } from '../domain/audit.ts';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { SettingsSnapshot } from '../domain/settingsFacts.ts';

/** What the audit records. */
export const auditKinds = [
  'unlock',
  'unlock-requested',
  'sync-requested',
  'schedule-changed',
  'patients-shown',
  'access-refused',
  'webhook-tested',
  'stand-in-changed',
  'settings-changed',
  'connection-changed',
  'delivery-refused',
  'signed-in',
  'signed-out',
  'sign-in-refused',
  'account-changed',
  'notifications-changed',
  'notification-tested',
  'audit-exported',
  'consent-set',
  'disclosed',
  'purged',
] as const;
type AuditKind = (typeof auditKinds)[number];

/** What kind of page, export or command showed patients. */
export const shownKinds = [
  'record-viewed',
  'records-listed',
  'referrals-listed',
  'holds-listed',
  'search',
  'export',
  'unlock-form',
  'consent-form',
  'disclosures-listed',
  'unlock-results',
  'run-viewed',
  'attention-listed',
  'day-listed',
  'webhook-evidence',
] as const;
export type ShownKind = (typeof shownKinds)[number];

/** Who did what and when, and the outcome. Never changed, never removed: each is linked to the one before. */
export interface AuditDocument extends ChainLink {
  _id: string;
  schemaVersion: number;
  at: Date;
  who: string;
  what: AuditKind;
  instance: string | null;
  record: string | null;
  why: string | null;
  outcome: string;
  /** Where the person was: the address of the browser, or `command line`. */
  from?: string;
  /** The beginning of the session's stored id, which is a hash. */
  session?: string;
  /** The displayed name of the account, or whom a command is on behalf of: shown beside `who`, and not verified. */
  name?: string;
  /** The records that were shown; `record` is null then. */
  records?: string[];
  /** The instances of those records, where `instance` is null because there are several. */
  instances?: string[];
  kind?: ShownKind;
  /** The hash of the disclosures that were made together. */
  disclosed?: string;
}

/** The last entry of the audit, stored separately, so that a cut end is detected. There is one document. */
export interface AuditHeadDocument {
  _id: string;
  schemaVersion: number;
  seq: number;
  hash: string;
}

/** The result of the last check of the audit. There is one document. */
export interface AuditCheckDocument {
  _id: string;
  schemaVersion: number;
  at: Date;
  who: string;
  isIntact: boolean;
  entries: number;
  /** Faults of entries, and of disclosures. */
  broken: number;
  changedDisclosures: number;
  /** False where the process had no key. */
  authenticated: boolean;
}

/** The settings of the last start of the service. There is one document. */
export interface SettingsSnapshotDocument extends SettingsSnapshot {
  _id: string;
  schemaVersion: number;
  /** How many times they were stored. */
  rev: number;
  at: Date;
}

/** An account that may sign in. Accounts are never removed, because the audit names them. */
export interface AccountDocument {
  _id: string;
  schemaVersion: number;
  /** The name for signing in, which the audit records; unique, in small letters. */
  name: string;
  displayName: string;
  /** Argon2id; null for an account that signs in with OpenID Connect, and until its owner has chosen a password by a link. */
  passwordHash: string | null;
  /** Whether somebody else gave the password, so that its owner has to replace it first; absent for no. */
  mustChangePassword?: boolean;
  /** Its identity at an OpenID provider; null for an account with a password. */
  openId: { issuer: string; subject: string } | null;
  role: Role;
  instances: VisibleInstances;
  /** The time zone that its owner chose; null or absent for none. */
  timeZone?: string | null;
  /** An authenticator app; null or absent without one. */
  secondFactor?: SecondFactor | null;
  /** The secret of an app that is being set up. */
  proposedSecret?: string | null;
  /** The last sign-in; absent before the first, and in accounts of earlier versions until the next. */
  signedInAt?: Date;
  disabled: boolean;
  /** Incremented to end all sessions: a session of an earlier epoch is invalid. */
  epoch: number;
  createdAt: Date;
  updatedAt: Date;
}

/** An authenticator app (TOTP). */
export interface SecondFactor {
  /** Base32. */
  secret: string;
  /** The time step of the last code that was used: a code is valid once. */
  lastStep: number;
  /** Hashes of the unused recovery codes. */
  recovery: string[];
}

/** A sign-in whose password was right and whose code is missing. `_id` is a hash of the value of its cookie. */
export interface SignInChallengeDocument {
  _id: string;
  schemaVersion: number;
  account: string;
  epoch: number;
  expiresAt: Date;
}

/** A link by which the owner of an account chooses a password, once. `_id` is a hash of the token in it. */
export interface PasswordLinkDocument {
  _id: string;
  schemaVersion: number;
  account: string;
  /** The epoch of the account when the link was made: whatever ended its sessions since then ended the link. */
  epoch: number;
  expiresAt: Date;
}

/** A signed-in browser. `_id` is a hash of the value of its cookie. */
export interface SessionDocument {
  _id: string;
  schemaVersion: number;
  /** The account's id, and its epoch when the password was checked. */
  account: string;
  epoch: number;
  startedAt: Date;
  /** The latest possible end. */
  endsAt: Date;
  /** The end without further activity. */
  expiresAt: Date;
}

/** A browser that signed in to an account before. `_id` is a hash of the value of its cookie and the account's name. */
export interface KnownDeviceDocument {
  _id: string;
  schemaVersion: number;
  account: string;
  expiresAt: Date;
}

/** The sign-in attempts within a window of time. `_id` is a hash of the name, address or browser, and of the window. */
export interface SignInAttemptsDocument {
  _id: string;
  schemaVersion: number;
  times: number;
  expiresAt: Date;
}

/**
 * What a page needs at its next request and an address must not contain. `search`: what a person typed. `selection`: chosen
 * records, and how many of their unlocks could not be sent; null before they are sent. `reason`: an unlock's reason that was
 * typed and not sent yet.
 */
export type PageState =
  | { kind: 'search'; typed: string }
  | { kind: 'selection'; records: string[]; notSent: number | null }
  | { kind: 'reason'; why: string }
  /** What was entered in a form that is shown again. */
  | { kind: 'form'; fields: Readonly<Record<string, string | string[]>> }
  /** The filters and the order of a list, as it was last used. */
  | { kind: 'list'; query: Readonly<Record<string, string>> };

/** The state of a page. Only its account reads it. */
export interface PageStateDocument {
  _id: string;
  schemaVersion: number;
  /** The sign-in name. */
  account: string;
  state: PageState;
  expiresAt: Date;
}
