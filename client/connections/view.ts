import type { ConnectionKey } from '../../config/connectionKeys.ts';
import type { Instance } from '../../config/instances.ts';
import type { ConnectionState } from '../../domain/connection.ts';
import { type Webhook, webhooks } from '../../domain/webhookHealth.ts';
import { secretsOf } from '../../domain/webhookSecrets.ts';
import type { Store } from '../../store/connect.ts';
import type { KipuConnectionDocument } from '../../store/kipuConnections.ts';
import { instanceOf, whyUnusable } from './connection.ts';

/** What people see of an instance: no secret, and no part of one. */
export interface ConnectionView {
  name: string;
  /** Where it is: an instance of the settings is changed there. */
  from: 'settings' | 'stored';
  state: ConnectionState;
  baseUrl: string;
  appId: string;
  accessId: string;
  digest: string;
  lockPolicy: string;
  timeZone: string | null;
  locationTimeZones: Record<string, string>;
  callsPerSecond: number | null;
  /** How many webhook secrets of each kind are valid. */
  secrets: Record<Webhook, number>;
  /** Why it can't be used; null where it can. */
  problem: string | null;
  /** Whether its schedule is yet to follow the last change. */
  pending: boolean;
  createdAt: Date | null;
  createdBy: string | null;
  changedAt: Date | null;
  changedBy: string | null;
}

/** Returns all instances: those of the settings, then the stored connections by name, the retired ones last. */
export async function listConnections(
  store: Pick<Store, 'kipuConnections'>,
  fixed: readonly Instance[],
  keys: readonly ConnectionKey[],
): Promise<ConnectionView[]> {
  const stored = await store.kipuConnections.all();
  const views = stored.map((document) => viewOf(document, fixed, keys));
  return [
    ...fixed.map(settingsView),
    ...views.filter(({ state }) => state !== 'retired'),
    ...views.filter(({ state }) => state === 'retired'),
  ];
}

function settingsView(instance: Instance): ConnectionView {
  const { name, baseUrl, appId, accessId, digest, lockPolicy, webhookSecrets } = instance;
  const { timeZone = null, locationTimeZones = {}, callsPerSecond = null } = instance;
  return {
    ...{ name, from: 'settings', state: 'active', baseUrl, appId, accessId, digest, lockPolicy },
    ...{ timeZone, locationTimeZones, callsPerSecond, secrets: counted(webhookSecrets), problem: null, pending: false },
    ...{ createdAt: null, createdBy: null, changedAt: null, changedBy: null },
  };
}

function viewOf(
  document: KipuConnectionDocument,
  fixed: readonly Instance[],
  keys: readonly ConnectionKey[],
): ConnectionView {
  const { _id: name, schemaVersion: _, secretKey: _key, webhookSecrets: _secrets, rev, appliedRev, ...rest } = document;
  const base = { name, from: 'stored', ...rest, pending: appliedRev < rev } as const;
  const none = { ...base, secrets: counted([]) };
  if (document.state === 'retired') return { ...none, problem: null };
  if (fixed.some((one) => one.name === name))
    return { ...none, problem: 'The settings have an instance of this name, which is used instead.' };
  try {
    return { ...base, secrets: counted(instanceOf(document, keys).webhookSecrets), problem: null };
  } catch (error) {
    return { ...none, problem: whyUnusable(error) };
  }
}

function counted(secrets: Instance['webhookSecrets']): Record<Webhook, number> {
  const [creation = 0, update = 0] = webhooks.map((webhook) => secretsOf(secrets, webhook).length);
  return { 'patient-creation': creation, 'chart-update': update };
}
