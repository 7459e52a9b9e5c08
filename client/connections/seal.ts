import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ConnectionKey } from '../../config/connectionKeys.ts';

/* Encrypts the secrets of stored connections with AES-256-GCM. The key is in the settings, never in the database. */

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** Where a secret belongs. It is authenticated: a secret that is copied to another connection or field does not open there. */
export interface SealedPlace {
  instance: string;
  field: string;
}

/** Thrown when secrets can't be encrypted or decrypted. Its message says what to set. */
export class ConnectionKeyError extends Error {
  override readonly name = 'ConnectionKeyError';
}

/** Encrypts a secret with the first key. @throws ConnectionKeyError without a key */
export function seal(keys: readonly ConnectionKey[], place: SealedPlace, secret: string): string {
  const [key] = keys;
  if (key === undefined) throw new ConnectionKeyError(`No key encrypts the secrets of connections: ${HOW_TO_SET}.`);
  // A fresh nonce each time: one that is used twice with a key would reveal both texts.
  const nonce = randomBytes(NONCE_BYTES);
  const { text, tag } = encrypt(key.bytes, nonce, associatedData(place, key.id), Buffer.from(secret, 'utf8'));
  return [VERSION, key.id, ...[nonce, text, tag].map((part) => part.toString('base64url'))].join('.');
}

/** Decrypts a secret with the key that encrypted it. @throws ConnectionKeyError */
export function unseal(keys: readonly ConnectionKey[], place: SealedPlace, sealed: string): string {
  const [version, keyId = '', ...parts] = sealed.split('.');
  const [nonce, text, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (version !== VERSION || nonce === undefined || text === undefined || tag === undefined)
    throw new ConnectionKeyError(`The stored ${place.field} of ${place.instance} has an unknown form.`);
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined)
    throw new ConnectionKeyError(
      keys.length === 0
        ? `The secrets of ${place.instance} can't be decrypted: ${HOW_TO_SET}.`
        : `The secrets of ${place.instance} were encrypted with another key (${keyId}): add it as the second line of CONNECTIONS_KEY_FILE.`,
    );
  try {
    return decrypt(key.bytes, nonce, associatedData(place, keyId), { text, tag }).toString('utf8');
  } catch {
    throw new ConnectionKeyError(`The stored ${place.field} of ${place.instance} was changed, and can't be decrypted.`);
  }
}

/** Returns whether the first key encrypted it. */
export function isSealedWithFirst(keys: readonly ConnectionKey[], sealed: string): boolean {
  return sealed.split('.')[1] === keys[0]?.id;
}

export const HOW_TO_SET =
  'set CONNECTIONS_KEY (openssl rand -base64 32) or CONNECTIONS_KEY_FILE for each process, and keep it outside the database';

/** Encrypts with AES-256-GCM. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array) {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return { text: Buffer.concat([cipher.update(text), cipher.final()]), tag: cipher.getAuthTag() };
}

/** Decrypts with AES-256-GCM. @throws where the text, the tag or the associated data are not those of the encryption */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  { text, tag }: { text: Uint8Array; tag: Uint8Array },
): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(text), decipher.final()]);
}

function associatedData({ instance, field }: SealedPlace, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, instance, field, keyId]), 'utf8');
}
