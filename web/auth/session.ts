import { createHash, randomBytes } from 'node:crypto';
import type { SignedInUser } from '../../domain/role.ts';
import { HOUR_MS } from '../../domain/time.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';

/** The maximum length of a session, however active it is. */
const MAX_SESSION_MS = 12 * HOUR_MS;
/** The minimum time between two extensions, so that not every request writes. */
const EXTEND_EVERY_MS = 10_000;

export interface Sessions {
  /** Starts a session and returns its cookie value, new at each sign-in. */
  start(account: Pick<AccountDocument, '_id' | 'epoch'>): Promise<string>;
  /**
   * Returns the user, or null when the session is unknown or over or its account may no longer sign in. A user who
   * still has to set up a second factor sees only the own account.
   */
  who(
    cookie: string,
    activity: 'activity' | 'background',
  ): Promise<{ who: SignedInUser; needsSecondFactor: boolean } | null>;
  end(cookie: string): Promise<void>;
}

/** Creates sessions that end `idleMs` after the last activity, twelve hours after the sign-in, or when the password changes. */
export function createSessions(
  store: {
    sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    accounts: Pick<Store['accounts'], 'get'>;
  },
  { idleMs, requireSecondFactor, now }: { idleMs: number; requireSecondFactor: boolean; now: () => Date },
): Sessions {
  return {
    async start({ _id, epoch }) {
      const cookie = randomBytes(32).toString('base64url');
      const startedAt = now();
      const [endsAt, expiresAt] = [
        after(startedAt, MAX_SESSION_MS),
        after(startedAt, Math.min(idleMs, MAX_SESSION_MS)),
      ];
      await store.sessions.start({ _id: sessionIdOf(cookie), account: _id, epoch, startedAt, endsAt, expiresAt });
      return cookie;
    },

    async who(cookie, activity) {
      const at = now();
      const session = await store.sessions.get(sessionIdOf(cookie), at);
      if (session === null) return null;
      const account = await store.accounts.get(session.account);
      if (account === null || account.disabled || account.epoch !== session.epoch) return null;
      const idleEnd = after(at, idleMs);
      if (activity === 'activity' && idleEnd.getTime() - session.expiresAt.getTime() >= EXTEND_EVERY_MS)
        await store.sessions.prolong(session._id, idleEnd);
      const { name: user, displayName: name, role, instances } = account;
      const needsSecondFactor = requireSecondFactor && account.passwordHash !== null && !account.secondFactor;
      return { who: { user, name, role, instances }, needsSecondFactor };
    },

    end: (cookie) => store.sessions.end(sessionIdOf(cookie)),
  };
}

/** Returns a hash, so that the stored id does not reveal the cookie. */
export function sessionIdOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
