import type { ConnectionKey } from '../../config/connectionKeys.ts';
import { type Instance, realInstances } from '../../config/instances.ts';
import type { Settings } from '../../config/settings.ts';
import { type ConnectionChange, changedFields, changeProblem, newest, rotated } from '../../domain/connection.ts';
import { type Webhook, webhookNames, webhooks } from '../../domain/webhookHealth.ts';
import { secretsOf } from '../../domain/webhookSecrets.ts';
import type { Store } from '../../store/connect.ts';
import type { ConnectionFields, KipuConnectionDocument } from '../../store/kipuConnections.ts';
import { audit, type Viewer } from '../audit.ts';
import { fieldsOf, instanceOf, newWebhookSecret, type SecretsByKind } from './connection.ts';
import { type ConnectionEntry, ConnectionError, parseEntry } from './entry.ts';
import { HOW_TO_SET } from './seal.ts';

export { type ConnectionEntry, ConnectionError };

/* Adds and changes stored connections. Schedules and records follow in `applyConnections`. */

export interface ManageParts {
  store: Pick<Store, 'kipuConnections' | 'auditEvents'>;
  keys: readonly ConnectionKey[];
  /** The instances of the settings. */
  fixed: readonly { name: string }[];
  /** Whether the database or Temporal is a local one that must not hold real patients. */
  trialOnly: boolean;
  now: () => Date;
}

const TRIAL_ONLY =
  'This service uses local servers, which are for trials only: set MONGODB_URI and TEMPORAL_ADDRESS before you connect a real KIPU.';

/** Returns whether the local servers, which are for trials, hold what this service stores. */
export function isTrialOnly({
  mongo,
  temporal,
  allowLocalStore,
}: Pick<Settings, 'mongo' | 'temporal' | 'allowLocalStore'>): boolean {
  return (mongo.uri === null || temporal === null) && !allowLocalStore;
}

/** Returns the entry as an instance with new webhook secrets. @throws ConnectionError with everything that is wrong with it */
export async function checkEntry(parts: ManageParts, entry: ConnectionEntry): Promise<Instance> {
  const { store, keys, fixed, trialOnly } = parts;
  if (keys.length === 0) throw new ConnectionError(`Connections can't be stored: ${HOW_TO_SET}.`);
  const secrets = Object.fromEntries(webhooks.map((webhook) => [webhook, [newWebhookSecret()]]));
  const instance = parseEntry({ ...entry, webhookSecrets: secrets });
  const { name } = instance;
  if (fixed.some((one) => one.name === name))
    throw new ConnectionError(`${name} is in the settings already: choose another name, or remove it there first.`);
  const known = await store.kipuConnections.get(name);
  if (known !== null && known.state !== 'retired') throw new ConnectionError(`There is a connection ${name} already.`);
  if (trialOnly && realInstances([instance]).length > 0) throw new ConnectionError(TRIAL_ONLY);
  return instance;
}

/** Stores a new connection, or a retired one anew. Returns its webhook secrets. @throws ConnectionError */
export async function addConnection(parts: ManageParts, instance: Instance, viewer: Viewer): Promise<SecretsByKind> {
  const { store, keys, now } = parts;
  const { name } = instance;
  const fields = fieldsOf(instance, 'active', keys);
  const change = { by: viewer.who, at: now() };
  const known = await store.kipuConnections.get(name);
  const added =
    known?.state === 'retired'
      ? await store.kipuConnections.change(name, known.rev, fields, change)
      : await store.kipuConnections.add(name, fields, change);
  if (!added) throw new ConnectionError(`There is a connection ${name} already.`);
  const { host } = new URL(instance.baseUrl);
  const what = known === null ? 'added' : 'added again';
  await auditConnection(parts, viewer, name, `${what}, at ${host}, lockPolicy ${instance.lockPolicy}`);
  return secretsByKind(instance);
}

/** What decides whether KIPU accepts us. */
const ACCESS = ['baseUrl', 'appId', 'accessId', 'secretKey', 'digest'] as const;

/** Returns the connection with changes, and whether they have to be tested. @throws ConnectionError, ConnectionKeyError */
export async function changedEntry(
  parts: ManageParts,
  name: string,
  changes: Partial<ConnectionEntry>,
): Promise<{ instance: Instance; isNewAccess: boolean }> {
  const was = instanceOf(await changeable(parts, name, 'set'), parts.keys);
  const instance = merged(was, changes);
  return { instance, isNewAccess: ACCESS.some((field) => was[field] !== instance[field]) };
}

/** Changes fields of a connection. Returns what changed, in words. @throws ConnectionError, ConnectionKeyError */
export async function setConnection(
  parts: ManageParts,
  name: string,
  changes: Partial<ConnectionEntry>,
  viewer: Viewer,
): Promise<string[]> {
  const before = await changeable(parts, name, 'set');
  const was = instanceOf(before, parts.keys);
  const is = merged(was, changes);
  if (parts.trialOnly && realInstances([is]).length > realInstances([was]).length)
    throw new ConnectionError(TRIAL_ONLY);
  // A time zone that is removed is in neither of both.
  const both = { ...Object.fromEntries(Object.keys(was).map((field) => [field, undefined])), ...is };
  const changed = changedFields({ ...was }, both, ['secretKey', 'accessId', 'appId', 'webhookSecrets']);
  if (changed.length === 0) return [];
  await change(parts, before, fieldsOf(is, before.state === 'paused' ? 'paused' : 'active', parts.keys), viewer);
  await auditConnection(parts, viewer, name, changed.join('; '));
  return changed;
}

function merged(was: Instance, changes: Partial<ConnectionEntry>): Instance {
  return parseEntry({ ...was, ...changes, name: was.name });
}

/** Pauses a connection or resumes it. @throws ConnectionError */
export async function pauseConnection(parts: ManageParts, name: string, pause: boolean, viewer: Viewer): Promise<void> {
  const before = await changeable(parts, name, pause ? 'pause' : 'resume');
  await change(parts, before, { state: pause ? 'paused' : 'active' }, viewer);
  await auditConnection(parts, viewer, name, pause ? 'paused' : 'resumed');
}

/** Makes new secrets of both kinds of webhooks; those before stay valid. Returns the new ones. @throws ConnectionError */
export async function rotateSecrets(parts: ManageParts, name: string, viewer: Viewer): Promise<SecretsByKind> {
  const fresh = await changeSecrets(
    parts,
    name,
    'rotate-secret',
    (secrets) => rotated(secrets, newWebhookSecret()),
    viewer,
  );
  await auditConnection(parts, viewer, name, 'webhook secrets rotated: the new ones and those before are valid');
  return { 'patient-creation': newest(fresh['patient-creation']), 'chart-update': newest(fresh['chart-update']) };
}

/** Makes only the newest secret of each kind of webhook valid. @throws ConnectionError */
export async function dropOldSecrets(parts: ManageParts, name: string, viewer: Viewer): Promise<void> {
  await changeSecrets(parts, name, 'drop-secret', newest, viewer);
  await auditConnection(parts, viewer, name, 'earlier webhook secrets removed');
}

/** Retires a connection for good, and removes its credentials. @throws ConnectionError */
export async function retireConnection(parts: ManageParts, name: string, viewer: Viewer): Promise<void> {
  const before = await changeable(parts, name, 'retire');
  await change(parts, before, { state: 'retired', secretKey: null, webhookSecrets: null }, viewer);
  await auditConnection(parts, viewer, name, 'retired: credentials and webhook secrets removed; its records stay');
}

/** Encrypts again, with the first key, the secrets that another key encrypted. Returns the names. @throws ConnectionKeyError */
export async function resealConnections(parts: ManageParts, isCurrent: (sealed: string) => boolean): Promise<string[]> {
  const { store, keys, now } = parts;
  const done: string[] = [];
  for (const document of await store.kipuConnections.all()) {
    const { _id: name, state, rev, secretKey, webhookSecrets } = document;
    const sealed = [secretKey, ...Object.values(webhookSecrets ?? {})].filter((one) => one !== null);
    if (state === 'retired' || sealed.every(isCurrent)) continue;
    const fields = fieldsOf(instanceOf(document, keys), state, keys);
    if (await store.kipuConnections.change(name, rev, fields, { by: document.changedBy, at: now() })) done.push(name);
  }
  return done;
}

/** Returns how many secrets of each kind are valid: two while one replaces the other. @throws ConnectionKeyError */
export function secretsByKind({ webhookSecrets }: Pick<Instance, 'webhookSecrets'>): SecretsByKind {
  return {
    'patient-creation': secretsOf(webhookSecrets, 'patient-creation'),
    'chart-update': secretsOf(webhookSecrets, 'chart-update'),
  };
}

/** The addresses to enter in KIPU, with the secrets that were just made. */
export interface WebhookEntry {
  webhook: Webhook;
  name: string;
  url: string;
  secret: string;
}

export function webhookEntries(base: string, instance: string, secrets: SecretsByKind): WebhookEntry[] {
  return webhooks.map((webhook) => ({
    ...{ webhook, name: webhookNames[webhook], url: `${base}/webhooks/${instance}/${webhook}` },
    secret: secrets[webhook][0] ?? '',
  }));
}

async function changeSecrets(
  parts: ManageParts,
  name: string,
  what: ConnectionChange,
  next: (secrets: readonly string[]) => readonly string[],
  viewer: Viewer,
): Promise<SecretsByKind> {
  const before = await changeable(parts, name, what);
  const instance = instanceOf(before, parts.keys);
  const known = secretsByKind(instance);
  const secrets = { 'patient-creation': next(known['patient-creation']), 'chart-update': next(known['chart-update']) };
  const state = before.state === 'paused' ? 'paused' : 'active';
  await change(parts, before, fieldsOf({ ...instance, webhookSecrets: secrets }, state, parts.keys), viewer);
  return secrets;
}

async function changeable(
  { store }: ManageParts,
  name: string,
  what: ConnectionChange,
): Promise<KipuConnectionDocument> {
  const found = await store.kipuConnections.get(name);
  if (found === null)
    throw new ConnectionError(`There is no stored connection ${name}. One of the settings is changed there.`);
  const problem = changeProblem(found.state, what);
  if (problem !== null) throw new ConnectionError(`${name}: ${problem}`);
  return found;
}

async function change(
  { store, now }: ManageParts,
  { _id: name, rev }: KipuConnectionDocument,
  fields: Partial<ConnectionFields>,
  { who }: Viewer,
): Promise<void> {
  if (await store.kipuConnections.change(name, rev, fields, { by: who, at: now() })) return;
  throw new ConnectionError(`${name} was changed by another person at the same time. Look at it and try again.`);
}

/** Stores in the audit what was done with a connection. */
export function auditConnection(
  { store, now }: ManageParts,
  viewer: Viewer,
  instance: string,
  text: string,
): Promise<void> {
  return audit(store, {
    ...{ ...viewer, at: now(), what: 'connection-changed', instance, record: null, why: null },
    outcome: `KIPU connection ${instance}: ${text}`,
  });
}
