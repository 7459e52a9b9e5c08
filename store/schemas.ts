import { conditionKinds } from '../domain/conditions.ts';
import { changeResults } from '../domain/detectedChange.ts';
import { holdReasons, lockPolicies, webhookHealths } from '../domain/lock.ts';
import { pullOutcomes } from '../domain/pull.ts';
import { referralChanges, referralStatuses } from '../domain/referral.ts';
import { roles } from '../domain/role.ts';
import { webhooks } from '../domain/webhookHealth.ts';
import { auditKinds, shownKinds } from './accessDocuments.ts';
import { disclosureSchemas, referralParts } from './disclosureSchemas.ts';
import { deliveryStates, recordStatuses } from './documents.ts';
import { migrationSchemas } from './migrations/documents.ts';
import { notificationSchemas } from './notificationSchemas.ts';
import { runSchemas } from './runSchemas.ts';
import { count, date, id, maybe, object, place, text } from './schemaParts.ts';

/* Validators of the collections. They check the shape that readers depend on, not every field. */

const revision = {
  revision: { bsonType: ['int', 'long'], minimum: 1 },
  status: { enum: [...referralStatuses] },
  change: { enum: [...referralChanges] },
  at: date,
  destination: { bsonType: 'string', minLength: 1 },
  patient: { bsonType: 'object' },
  facility: { bsonType: 'object' },
};

const atLocation = { locationId: maybe(id), locationName: maybe(text) };
const cycle = { run: id, at: date, announced: count, missed: count, unheard: count };

/** `$jsonSchema` of each collection. */
export const schemas: Record<string, object> = {
  records: object(
    {
      _id: { bsonType: 'string', pattern: '^r-[a-z0-9]{16}$' },
      schemaVersion: count,
      instance: id,
      casefileId: id,
      masterId: id,
      status: { enum: [...recordStatuses] },
      listedVersion: maybe(text),
      pulledVersion: maybe(text),
      chartVersion: maybe(text),
      pulledAt: maybe(date),
      pending: { bsonType: 'bool' },
      retryAt: maybe(date),
      chart: { bsonType: ['object', 'null'] },
      movedAt: date,
      timeZone: id,
      dischargedAt: maybe(date),
      search: maybe(object({ lastFirst: maybe(text), firstLast: maybe(text), number: maybe(text) })),
      behindList: maybe(object({ version: text, times: count })),
      plannedRevision: object(revision),
      missing: { bsonType: 'array' },
      lastHold: object({ reason: { enum: [...holdReasons] }, since: date }),
      hold: maybe(object({ reason: { enum: [...holdReasons] }, since: date, reminders: count, changesWaiting: count })),
      unlocked: maybe(object({ by: id, why: maybe(text), at: date, key: id })),
      failure: maybe(object({ key: id, code: id, text, times: count, since: date, at: date }, ['since'])),
      lastPull: maybe(object({ key: id, outcome: { enum: [...pullOutcomes] }, run: id }, ['run'])),
      rev: count,
      createdAt: date,
      updatedAt: date,
    },
    ['timeZone', 'dischargedAt', 'movedAt', 'search', 'lastHold', 'behindList', 'plannedRevision'],
  ),
  referrals: object(
    {
      _id: id,
      schemaVersion: count,
      instance: id,
      casefileId: id,
      ...revision,
      ...referralParts,
      revisions: { bsonType: 'array', minItems: 1, items: object(revision) },
      revisionsDropped: count,
      stale: maybe(object({ since: date, reason: { enum: [...holdReasons] } })),
      staleAsOf: count,
      createdAt: date,
      updatedAt: date,
    },
    ['notice', 'consent', 'revisionsDropped', 'stale', 'staleAsOf'],
  ),
  ...runSchemas,
  ...disclosureSchemas,
  ...migrationSchemas,
  webhookHealth: object(
    {
      _id: id,
      schemaVersion: count,
      instance: id,
      webhook: { enum: [...webhooks] },
      ...atLocation,
      firstDeliveryAt: date,
      lastDeliveryAt: maybe(date),
      cycles: { bsonType: 'array', items: object(cycle) },
      lastNotified: { enum: [...webhookHealths, null] },
    },
    ['firstDeliveryAt'],
  ),
  detectedChanges: object({
    _id: id,
    schemaVersion: count,
    instance: id,
    webhook: { enum: [...webhooks] },
    record: id,
    casefileId: id,
    version: id,
    ...atLocation,
    since: date,
    detectedAt: date,
    result: { enum: [...changeResults, null] },
    run: maybe(text),
    expiresAt: date,
  }),
  notices: object(
    {
      ...{ _id: id, schemaVersion: count, instance: id, text, at: date, sentAt: maybe(date), sendingAt: maybe(date) },
      ...{ inDigest: { bsonType: 'bool' }, forRecipients: { bsonType: 'bool' } },
      condition: object({
        ...{ kind: { enum: [...conditionKinds] }, detail: maybe(text), key: id, number: place },
        ...{ returned: { bsonType: 'bool' }, open: { bsonType: 'bool' }, lastSeenAt: date, endedAt: maybe(date) },
      }),
    },
    ['sendingAt', 'inDigest', 'forRecipients', 'condition'],
  ),
  ...notificationSchemas,
  unlockRequests: object({
    _id: { bsonType: 'string', pattern: '^u-[a-z0-9]{16}$' },
    schemaVersion: count,
    record: id,
    instance: id,
    account: id,
    name: maybe(text),
    from: id,
    why: maybe(text),
    at: date,
    applied: maybe(object({ key: id, outcome: id, at: date })),
  }),
  auditEvents: object(
    {
      _id: id,
      schemaVersion: count,
      at: date,
      who: text,
      what: { enum: [...auditKinds] },
      instance: maybe(text),
      record: maybe(text),
      why: maybe(text),
      outcome: id,
      from: text,
      session: text,
      name: text,
      records: { bsonType: 'array', items: id },
      instances: { bsonType: 'array', items: id },
      kind: { enum: [...shownKinds] },
      disclosed: id,
      seq: place,
      previous: text,
      hash: id,
      mac: id,
    },
    ['from', 'session', 'name', 'records', 'instances', 'kind', 'disclosed', 'mac'],
  ),
  auditHead: object({ _id: id, schemaVersion: count, seq: place, hash: id }),
  auditChecks: object({
    ...{ _id: id, schemaVersion: count, at: date, who: text, isIntact: { bsonType: 'bool' }, entries: count },
    ...{ broken: count, changedDisclosures: count, authenticated: { bsonType: 'bool' } },
  }),
  settingsSnapshots: object(
    {
      _id: id,
      schemaVersion: count,
      rev: count,
      instances: {
        bsonType: 'array',
        items: object({ name: id, host: text, lockPolicy: { enum: [...lockPolicies] }, timeZones: id, keys: id }, [
          'timeZones',
          'keys',
        ]),
      },
      schedule: { bsonType: 'object' },
      access: { bsonType: 'object' },
      secrets: { bsonType: 'object' },
      at: date,
    },
    ['access', 'secrets'],
  ),
  deliveries: object(
    {
      ...{ _id: id, schemaVersion: count, instance: id, webhook: { enum: [...webhooks] }, casefileId: id },
      signed: { bsonType: 'bool' },
      ...{ receivedAt: date, lastReceivedAt: date, times: { ...count, minimum: 1 } },
      ...{ state: { enum: [...deliveryStates] }, dispatchedAt: maybe(date), expiresAt: date, trace: id },
    },
    ['trace'],
  ),
  receiverUptime: object({ _id: id, schemaVersion: count, from: date, to: date }),
  callSlots: object({ _id: id, schemaVersion: count, next: date, plannedAt: date }),
  accounts: object(
    {
      _id: id,
      schemaVersion: count,
      name: id,
      displayName: id,
      passwordHash: maybe(id),
      mustChangePassword: { bsonType: 'bool' },
      openId: maybe(object({ issuer: id, subject: id })),
      role: { enum: [...roles] },
      instances: { bsonType: ['string', 'array'], items: id },
      timeZone: maybe(id),
      secondFactor: maybe(object({ secret: id, lastStep: count, recovery: { bsonType: 'array', items: id } })),
      proposedSecret: maybe(id),
      signedInAt: date,
      disabled: { bsonType: 'bool' },
      epoch: count,
      createdAt: date,
      updatedAt: date,
    },
    ['mustChangePassword', 'timeZone', 'secondFactor', 'proposedSecret', 'signedInAt'],
  ),
  signInChallenges: object({ _id: id, schemaVersion: count, account: id, epoch: count, expiresAt: date }),
  passwordLinks: object({ _id: id, schemaVersion: count, account: id, epoch: count, expiresAt: date }),
  sessions: object({
    _id: id,
    schemaVersion: count,
    account: id,
    epoch: count,
    startedAt: date,
    endsAt: date,
    expiresAt: date,
  }),
  knownDevices: object({ _id: id, schemaVersion: count, account: id, expiresAt: date }),
  pageStates: object({
    ...{ _id: id, schemaVersion: count, account: id, expiresAt: date },
    state: {
      bsonType: 'object',
      required: ['kind'],
      properties: { kind: { enum: ['search', 'selection', 'reason', 'form', 'list'] } },
    },
  }),
  signInAttempts: object({ _id: id, schemaVersion: count, times: count, expiresAt: date }),
};
