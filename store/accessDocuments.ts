import type { ChainLink } from '../domain/audit.ts';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { SettingsSnapshot } from '../domain/settingsFacts.ts';

/** Who did what, when, and what came of it. Never changed, never removed: each is linked to the one before. */
export interface AuditDocument extends ChainLink {
  _id: string;
  schemaVersion: number;
  at: Date;
  who: string;
  what:
    | 'unlock'
    | 'unlock-requested'
    | 'sync-requested'
    | 'record-viewed'
    | 'referrals-exported'
    | 'webhook-tested'
    | 'settings-changed'
    | 'delivery-refused'
    | 'signed-in'
    | 'signed-out'
    | 'sign-in-refused'
    | 'account-changed';
  instance: string | null;
  record: string | null;
  why: string | null;
  outcome: string;
}

/** The audit's last entry, kept apart from it: so a cut end is noticed. There is one. */
export interface AuditHeadDocument {
  _id: string;
  schemaVersion: number;
  seq: number;
  hash: string;
}

/** The settings as the service last started with. There is one. */
export interface SettingsSnapshotDocument extends SettingsSnapshot {
  _id: string;
  schemaVersion: number;
  /** How many times they were noted. */
  rev: number;
  at: Date;
}

/** Who may sign in. Accounts are never removed: the audit names them. */
export interface AccountDocument {
  _id: string;
  schemaVersion: number;
  /** What they sign in with, and what the audit calls them; unique, in small letters. */
  name: string;
  displayName: string;
  /** Argon2id; null for one that signs in elsewhere. */
  passwordHash: string | null;
  /** Who it is for an OpenID provider; null for one that signs in here. */
  openId: { issuer: string; subject: string } | null;
  role: Role;
  instances: VisibleInstances;
  disabled: boolean;
  /** Counts what ends sessions: a session of an earlier epoch is none. */
  epoch: number;
  createdAt: Date;
  updatedAt: Date;
}

/** A signed-in browser. `_id` is a hash of what its cookie holds. */
export interface SessionDocument {
  _id: string;
  schemaVersion: number;
  /** The account's id, and its epoch when the password was checked. */
  account: string;
  epoch: number;
  startedAt: Date;
  /** The end that activity does not move. */
  endsAt: Date;
  /** The end unless there is activity. */
  expiresAt: Date;
}

/** Sign-ins that were tried within a stretch of time. `_id` is a hash of whom or where from, and of the stretch. */
export interface SignInAttemptsDocument {
  _id: string;
  schemaVersion: number;
  times: number;
  expiresAt: Date;
}
