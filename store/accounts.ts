import { createHash, randomUUID } from 'node:crypto';
import { type Collection, MongoServerError } from 'mongodb';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;

/** A new account that signs in here. */
export interface NewAccount {
  name: string;
  displayName: string;
  passwordHash: string;
  role: Role;
  instances: VisibleInstances;
}

/** Somebody whom an OpenID provider vouches for. */
export interface OpenIdPerson {
  issuer: string;
  subject: string;
  /** Wanted names, the best first; each is taken unless another account has it. */
  names: readonly string[];
  displayName: string;
  role: Role;
  instances: VisibleInstances;
}

/** Who may sign in. */
export function accounts(collection: Collection<AccountDocument>) {
  return {
    get: (id: string): Promise<AccountDocument | null> => collection.findOne({ _id: id }),

    /** By the sign-in name, in small letters. */
    byName: (name: string): Promise<AccountDocument | null> => collection.findOne({ name }),

    /** False when the name is taken. */
    async add(account: NewAccount, at: Date): Promise<boolean> {
      return insert({ _id: randomUUID(), ...fresh(at), ...account, openId: null });
    },

    /** True when there is none at all. */
    isEmpty: async (): Promise<boolean> => (await collection.findOne({}, { projection: { _id: 1 } })) === null,

    /** Ends the account's sessions. False when there is no such account, or it signs in elsewhere. */
    async setPassword(name: string, passwordHash: string, at: Date): Promise<boolean> {
      const update = { $set: { passwordHash, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name, openId: null }, update)).matchedCount === 1;
    },

    /** Ends the account's sessions. False when there is no such account. */
    async setDisabled(name: string, disabled: boolean, at: Date): Promise<boolean> {
      const update = { $set: { disabled, updatedAt: at }, $inc: { epoch: 1 } };
      return (await collection.updateOne({ name }, update)).matchedCount === 1;
    },

    /**
     * The account of somebody who came by OpenID Connect, with what the provider says now; made when it is their first
     * time. A disabled one stays so.
     */
    async upsertOpenId(person: OpenIdPerson, at: Date): Promise<AccountDocument> {
      const { issuer, subject, names, ...said } = person;
      const _id = createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('base64url');
      const openId = { issuer, subject };
      // The last one is nobody else's.
      for (const name of [...names, `openid:${_id}`]) {
        if ((await collection.updateOne({ _id }, { $set: { ...said, updatedAt: at } })).matchedCount === 1) break;
        if (await insert({ _id, ...fresh(at), ...said, name, passwordHash: null, openId })) break;
      }
      const account = await collection.findOne({ _id });
      if (account === null) throw new Error('An account that was just made is not there.');
      return account;
    },

    /** All of them, by name. */
    list: (): Promise<AccountDocument[]> => collection.find().sort({ name: 1 }).toArray(),
  };

  /** False when somebody has the name, or the id. */
  async function insert(account: AccountDocument): Promise<boolean> {
    try {
      await collection.insertOne(account);
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}

function fresh(at: Date) {
  return { schemaVersion: SCHEMA_VERSION, disabled: false, epoch: 1, createdAt: at, updatedAt: at };
}
