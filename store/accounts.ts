import { createHash, randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument, SecondFactor } from './accessDocuments.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** A new account with a password. */
export interface NewAccount {
  name: string;
  displayName: string;
  /** Null until its owner has chosen a password by a link. */
  passwordHash: string | null;
  mustChangePassword?: boolean;
  role: Role;
  instances: VisibleInstances;
}

/** A user as an OpenID provider describes them. */
export interface OpenIdPerson {
  issuer: string;
  subject: string;
  /** Preferred names, best first. The first one that no other account has is used. */
  names: readonly string[];
  displayName: string;
  role: Role;
  instances: VisibleInstances;
}

/** Operations on accounts. */
export function accounts(collection: Collection<AccountDocument>) {
  return {
    get: (id: string): Promise<AccountDocument | null> => collection.findOne({ _id: id }),

    /** Returns the account with this sign-in name, in small letters; or null. */
    byName: (name: string): Promise<AccountDocument | null> => collection.findOne({ name }),

    /** Adds an account. Returns false if the name is taken. */
    async add(account: NewAccount, at: Date): Promise<boolean> {
      return insert({ _id: randomUUID(), ...fresh(at), ...account, openId: null });
    },

    /** Returns true if there is no account at all. */
    isEmpty: async (): Promise<boolean> => (await collection.findOne({}, { projection: { _id: 1 } })) === null,

    /** Sets a password that its owner must change, and ends the account's sessions. Returns false if there is no account of this name with a password. */
    async setPassword(name: string, passwordHash: string, at: Date): Promise<boolean> {
      const update = { $set: { passwordHash, mustChangePassword: true, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name, openId: null }, update)).matchedCount === 1;
    },

    /**
     * Replaces the password for its owner and ends the account's sessions. Returns the account, or null if it is disabled or has another
     * password by now.
     */
    replacePassword(id: string, hashes: { from: string; to: string }, at: Date): Promise<AccountDocument | null> {
      const update = {
        $set: { passwordHash: hashes.to, mustChangePassword: false, updatedAt: at },
        $inc: { epoch: 1 },
      };
      const unchanged = { _id: id, passwordHash: hashes.from, disabled: false };
      return collection.findOneAndUpdate(unchanged, update, { returnDocument: 'after' });
    },

    /**
     * Removes the password and ends the account's sessions. Returns the account, or null if there is no account of this name
     * with a password of its own.
     */
    removePassword(name: string, at: Date): Promise<AccountDocument | null> {
      const update = {
        $set: { passwordHash: null, mustChangePassword: false, updatedAt: at },
        $inc: { epoch: 1 },
      };
      return collection.findOneAndUpdate({ name, openId: null }, update, { returnDocument: 'after' });
    },

    /** Sets the password that its owner chose by a link. Returns false if the account changed since the link was made. */
    async choosePassword(id: string, epoch: number, passwordHash: string, at: Date): Promise<boolean> {
      const update = { $set: { passwordHash, mustChangePassword: false, updatedAt: at }, $inc: { epoch: 1 } };
      const unchanged = { _id: id, epoch, openId: null, disabled: false };
      return (await collection.updateOne(unchanged, update)).matchedCount === 1;
    },

    /** Ends the account's sessions. Returns false if there is no such account. */
    async endSessions(name: string, at: Date): Promise<boolean> {
      const update = { $set: { updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name }, update)).matchedCount === 1;
    },

    /** Stores the time zone that its owner chose; null for none. */
    async setTimeZone(id: string, timeZone: string | null, at: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { timeZone, updatedAt: at } });
    },

    /** Stores when its owner last signed in. */
    async signedIn(id: string, at: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { signedInAt: at } });
    },

    /** Returns how many administrators can sign in, besides this account. */
    otherAdmins: (id: string): Promise<number> =>
      collection.countDocuments({
        ...{ _id: { $ne: id }, role: 'admin', disabled: false },
        $or: [{ passwordHash: { $ne: null } }, { openId: { $ne: null } }],
      }),

    /** Stores the secret of an app that is being set up. */
    async proposeSecret(id: string, secret: string, at: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { proposedSecret: secret, updatedAt: at } });
    },

    /** Makes the proposed secret the second factor. Returns false if another one was proposed, or the account is disabled. */
    async activateSecondFactor(id: string, factor: SecondFactor, at: Date): Promise<boolean> {
      const update = { $set: { secondFactor: factor, proposedSecret: null, updatedAt: at } };
      const proposed = { _id: id, proposedSecret: factor.secret, disabled: false };
      return (await collection.updateOne(proposed, update)).matchedCount === 1;
    },

    /** Uses up the codes up to this time step. Returns false if it was used before. */
    async useStep(id: string, step: number): Promise<boolean> {
      const update = { $set: { 'secondFactor.lastStep': step } };
      return (
        (await collection.updateOne({ _id: id, 'secondFactor.lastStep': { $lt: step } }, update)).matchedCount === 1
      );
    },

    /** Uses up a recovery code. Returns false if the account has no such code. */
    async useRecoveryCode(id: string, hash: string): Promise<boolean> {
      const update = { $pull: { 'secondFactor.recovery': hash } };
      return (await collection.updateOne({ _id: id, 'secondFactor.recovery': hash }, update)).modifiedCount === 1;
    },

    /** Removes the second factor and ends the account's sessions. Returns false if there is no such account. */
    async resetSecondFactor(name: string, at: Date): Promise<boolean> {
      const update = { $set: { secondFactor: null, proposedSecret: null, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name }, update)).matchedCount === 1;
    },

    /** Sets shown name, role and instances and ends the account's sessions. Returns false if an OpenID provider has them. */
    async setAccess(
      name: string,
      access: Pick<AccountDocument, 'displayName' | 'role' | 'instances'>,
      at: Date,
    ): Promise<boolean> {
      const update = { $set: { ...access, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name, openId: null }, update)).matchedCount === 1;
    },

    /** Disables or enables the account and ends its sessions. Returns false if there is no such account. */
    async setDisabled(name: string, disabled: boolean, at: Date): Promise<boolean> {
      const update = { $set: { disabled, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name }, update)).matchedCount === 1;
    },

    /**
     * Returns the account of a user who signed in with OpenID Connect, updated to what the provider says now. It is created at
     * the first sign-in. A disabled account stays disabled.
     */
    async upsertOpenId(person: OpenIdPerson, at: Date): Promise<AccountDocument> {
      const { issuer, subject, names, ...profile } = person;
      const _id = createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('base64url');
      const openId = { issuer, subject };
      // The last name is unique.
      for (const name of [...names, `openid:${_id}`]) {
        if ((await collection.updateOne({ _id }, { $set: { ...profile, updatedAt: at } })).matchedCount === 1) break;
        if (await insert({ _id, ...fresh(at), ...profile, name, passwordHash: null, openId })) break;
      }
      const account = await collection.findOne({ _id });
      if (account === null) throw new Error('An account that was just created does not exist.');
      return account;
    },

    /** Returns all accounts, sorted by name. */
    list: (): Promise<AccountDocument[]> => collection.find().sort({ name: 1 }).toArray(),
  };

  /** Inserts an account. Returns false if the name or the id exists. */
  async function insert(account: AccountDocument): Promise<boolean> {
    try {
      await collection.insertOne(account);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

function fresh(at: Date) {
  return { schemaVersion: SCHEMA_VERSION, disabled: false, epoch: 1, createdAt: at, updatedAt: at };
}
