import { createHash, randomBytes } from 'node:crypto';
import type { SignedInUser } from '../../domain/role.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';

const HOUR_MS = 3_600_000;
/** However busy somebody is. */
const LONGEST_MS = 12 * HOUR_MS;
/** The idle end is moved on so often at most: not every request writes. */
const EVERY_MS = 10_000;

export interface Sessions {
  /** Gives what the cookie holds: new at each sign-in. */
  start(account: Pick<AccountDocument, '_id' | 'epoch'>): Promise<string>;
  /** Null when there is no such session, it is over, or its account may sign in no more. */
  who(cookie: string, activity: 'activity' | 'background'): Promise<SignedInUser | null>;
  end(cookie: string): Promise<void>;
}

/** Sessions that end `idleMs` after the last activity, twelve hours after the sign-in, and with a new password. */
export function createSessions(
  store: {
    sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    accounts: Pick<Store['accounts'], 'get'>;
  },
  { idleMs, now }: { idleMs: number; now: () => Date },
): Sessions {
  return {
    async start({ _id, epoch }) {
      const cookie = randomBytes(32).toString('base64url');
      const startedAt = now();
      const [endsAt, expiresAt] = [after(startedAt, LONGEST_MS), after(startedAt, Math.min(idleMs, LONGEST_MS))];
      await store.sessions.start({ _id: idOf(cookie), account: _id, epoch, startedAt, endsAt, expiresAt });
      return cookie;
    },

    async who(cookie, activity) {
      const at = now();
      const session = await store.sessions.get(idOf(cookie), at);
      if (session === null) return null;
      const account = await store.accounts.get(session.account);
      if (account === null || account.disabled || account.epoch !== session.epoch) return null;
      const idleEnd = after(at, idleMs);
      if (activity === 'activity' && idleEnd.getTime() - session.expiresAt.getTime() >= EVERY_MS)
        await store.sessions.prolong(session._id, idleEnd);
      const { name: user, displayName: name, role, instances } = account;
      return { user, name, role, instances };
    },

    end: (cookie) => store.sessions.end(idOf(cookie)),
  };
}

/** What is stored tells nobody what the cookie holds. */
function idOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
