import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { STANDARD_PREFIX } from '../../config/webhookSecrets.ts';
import { sha256 } from '../http/constantTime.ts';

/** The number of valid secrets: two, so that one can be replaced while KIPU still sends the other. */
const KEYS = 2;

interface Key {
  digest: Buffer;
  signer: Webhook;
}

/** The keys that authenticate an instance's webhooks: always the same number, so that every check takes the same time. */
export type KeyRing = readonly Key[];

/** Returns a function for the key ring of an instance; the ring of an unknown instance matches nothing. */
export function createKeyRings(
  instances: readonly { name: string; webhookSecrets?: readonly string[] }[],
): (instance: string) => KeyRing {
  const rings = new Map(instances.map(({ name, webhookSecrets = [] }) => [name, ringOf(webhookSecrets)]));
  const decoy = ringOf([]);
  return (instance) => rings.get(instance) ?? decoy;
}

/** Returns true when one of the texts is a secret of the ring, in a time that does not depend on which one. */
export function matchesKey(ring: KeyRing, texts: readonly string[]): boolean {
  let found = false;
  for (const one of texts) {
    const digest = sha256(one);
    for (const key of ring) {
      const same = timingSafeEqual(digest, key.digest);
      found ||= same;
    }
  }
  return found;
}

function ringOf(secrets: readonly string[]): KeyRing {
  // Missing secrets are replaced by random ones that nobody knows.
  return Array.from({ length: KEYS }, (_, index) => {
    const secret = secrets[index] ?? randomBytes(32).toString('base64url');
    return { digest: sha256(secret), signer: new Webhook(signingKey(secret), { format: 'raw' }) };
  });
}

/** Returns the bytes of a secret: base64 after the prefix of Standard Webhooks, otherwise the UTF-8 text itself. */
function signingKey(secret: string): Uint8Array {
  const standard = secret.startsWith(STANDARD_PREFIX);
  const bytes = standard ? Buffer.from(secret.slice(STANDARD_PREFIX.length), 'base64') : Buffer.from(secret, 'utf8');
  return Uint8Array.from(bytes);
}
