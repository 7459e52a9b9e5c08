import { randomBytes } from 'node:crypto';
import type { ConnectionKey } from '../../config/connectionKeys.ts';
import { type Instance, parseInstance } from '../../config/instances.ts';
import { SettingsError } from '../../config/settingsError.ts';
import type { ConnectionState } from '../../domain/connection.ts';
import { type Webhook, webhooks } from '../../domain/webhookHealth.ts';
import { secretsOf } from '../../domain/webhookSecrets.ts';
import type { ConnectionFields, KipuConnectionDocument } from '../../store/kipuConnections.ts';
import { ConnectionKeyError, seal, unseal } from './seal.ts';

/* Reads stored connections as instances, and the other way around. */

const SECRET_BYTES = 32;

/** The secrets of each kind of webhook, the newest first. */
export type SecretsByKind = Record<Webhook, readonly string[]>;

/** Returns a new secret for webhooks: it can stand in a header and in an address. */
export function newWebhookSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * Returns the instance of a stored connection, checked like an entry of the instances file.
 * @throws ConnectionKeyError, SettingsError
 */
export function instanceOf(document: KipuConnectionDocument, keys: readonly ConnectionKey[]): Instance {
  const { _id: name, secretKey, webhookSecrets, baseUrl, appId, accessId, digest, lockPolicy } = document;
  const { timeZone, locationTimeZones, callsPerSecond } = document;
  const open = (field: string, sealed: string | undefined) =>
    sealed === undefined ? undefined : unseal(keys, { instance: name, field }, sealed);
  const secretsOfKind = (webhook: Webhook): unknown =>
    JSON.parse(open(secretsField(webhook), webhookSecrets?.[webhook]) ?? '[]');
  return parseInstance(
    {
      ...{ name, baseUrl, appId, accessId, digest, lockPolicy, locationTimeZones },
      ...(timeZone === null ? {} : { timeZone }),
      ...(callsPerSecond === null ? {} : { callsPerSecond }),
      secretKey: open('secretKey', secretKey ?? undefined) ?? '',
      webhookSecrets: Object.fromEntries(webhooks.map((webhook) => [webhook, secretsOfKind(webhook)])),
    },
    'KIPU connection',
  );
}

/** Returns the stored form of an instance, with its secrets encrypted by the first key. @throws ConnectionKeyError */
export function fieldsOf(
  instance: Instance,
  state: Exclude<ConnectionState, 'retired'>,
  keys: readonly ConnectionKey[],
): ConnectionFields {
  const { name, baseUrl, appId, accessId, secretKey, digest, lockPolicy } = instance;
  const { timeZone = null, locationTimeZones = {}, callsPerSecond = null, webhookSecrets } = instance;
  const sealedSecrets = (webhook: Webhook) =>
    seal(keys, { instance: name, field: secretsField(webhook) }, JSON.stringify(secretsOf(webhookSecrets, webhook)));
  return {
    ...{ state, baseUrl, appId, accessId, digest, lockPolicy, timeZone, locationTimeZones, callsPerSecond },
    secretKey: seal(keys, { instance: name, field: 'secretKey' }, secretKey),
    webhookSecrets: {
      'patient-creation': sealedSecrets('patient-creation'),
      'chart-update': sealedSecrets('chart-update'),
    },
  };
}

/** Returns in one line why a stored connection can't be read. */
export function whyUnusable(error: unknown): string {
  if (error instanceof SettingsError) return `It can't be used: ${error.problems.join('; ')}.`;
  return error instanceof ConnectionKeyError ? error.message : "It can't be read.";
}

function secretsField(webhook: Webhook): string {
  return `webhookSecrets ${webhook}`;
}
