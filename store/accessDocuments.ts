import type { ChainLink } from '../domain/audit.ts';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { SettingsSnapshot } from '../domain/settingsFacts.ts';

/** What the audit records. */
export const auditKinds = [
  'unlock',
  'unlock-requested',
  'sync-requested',
  'record-viewed',
  'referrals-exported',
  'webhook-tested',
  'settings-changed',
  'delivery-refused',
  'signed-in',
  'signed-out',
  'sign-in-refused',
  'account-changed',
] as const;
type AuditKind = (typeof auditKinds)[number];

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
}

/** The last entry of the audit, stored separately, so that a cut end is detected. There is one document. */
export interface AuditHeadDocument {
  _id: string;
  schemaVersion: number;
  seq: number;
  hash: string;
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
  /** Argon2id; null for an account that signs in with OpenID Connect. */
  passwordHash: string | null;
  /** Its identity at an OpenID provider; null for an account with a password. */
  openId: { issuer: string; subject: string } | null;
  role: Role;
  instances: VisibleInstances;
  disabled: boolean;
  /** Incremented to end all sessions: a session of an earlier epoch is invalid. */
  epoch: number;
  createdAt: Date;
  updatedAt: Date;
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

/** The sign-in attempts within a window of time. `_id` is a hash of the name or the address, and of the window. */
export interface SignInAttemptsDocument {
  _id: string;
  schemaVersion: number;
  times: number;
  expiresAt: Date;
}
