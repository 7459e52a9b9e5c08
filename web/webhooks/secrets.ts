import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { STANDARD_PREFIX } from '../../config/webhookSecrets.ts';
import { sha256 } from '../http/constantTime.ts';

/** Two, so that one can be replaced while KIPU still sends the other. */
const AT_ONCE = 2;

interface Key {
  digest: Buffer;
  signer: Webhook;
}

/** What an instance's webhooks prove themselves by: always the same number of keys, so that none costs other time. */
export type KeyRing = readonly Key[];

/** The key ring of each instance. Of an unknown one it is a ring that nothing fits. */
export function createKeyRings(
  instances: readonly { name: string; webhookSecrets?: readonly string[] }[],
): (instance: string) => KeyRing {
  const rings = new Map(instances.map(({ name, webhookSecrets = [] }) => [name, ringOf(webhookSecrets)]));
  const decoy = ringOf([]);
  return (instance) => rings.get(instance) ?? decoy;
}

/** True when one of the given texts is a secret of the ring. Takes the same time whichever it is, or none. */
export function matchesKey(ring: KeyRing, given: readonly string[]): boolean {
  let found = false;
  for (const one of given) {
    const digest = sha256(one);
    for (const key of ring) {
      const same = timingSafeEqual(digest, key.digest);
      found ||= same;
    }
  }
  return found;
}

function ringOf(secrets: readonly string[]): KeyRing {
  // What is missing is filled with secrets that nobody knows.
  return Array.from({ length: AT_ONCE }, (_, index) => {
    const secret = secrets[index] ?? randomBytes(32).toString('base64url');
    return { digest: sha256(secret), signer: new Webhook(signingKey(secret), { format: 'raw' }) };
  });
}

/** A secret as Standard Webhooks writes it is base64 behind its prefix; any other signs by its own characters. */
function signingKey(secret: string): Uint8Array {
  const standard = secret.startsWith(STANDARD_PREFIX);
  const bytes = standard ? Buffer.from(secret.slice(STANDARD_PREFIX.length), 'base64') : Buffer.from(secret, 'utf8');
  return Uint8Array.from(bytes);
}
