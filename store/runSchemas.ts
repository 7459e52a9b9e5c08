import { connectionStates } from '../domain/connection.ts';
import { lockPolicies } from '../domain/lock.ts';
import { runModes, runStatuses, runWarningCodes } from '../domain/run.ts';
import { runLists } from './runPages.ts';
import { count, date, id, maybe, object, place, text } from './schemaParts.ts';

/** An encrypted text: version, id of the key, nonce, text and tag. */
const sealed = { bsonType: 'string', pattern: '^v1\\.[0-9a-f]{8}(\\.[A-Za-z0-9_-]+){3}$' };

/** `$jsonSchema` of runs, their pages, instances and connections. */
export const runSchemas: Record<string, object> = {
  runs: object(
    {
      _id: id,
      schemaVersion: count,
      instance: id,
      workflowId: id,
      mode: { enum: [...runModes] },
      window: object({ startDay: text, endDay: text }),
      status: { enum: [...runStatuses] },
      startedAt: date,
      endedAt: maybe(date),
      counts: { bsonType: 'object' },
      fault: maybe(object({ code: id, text })),
      warnings: { bsonType: 'array', items: object({ code: { enum: [...runWarningCodes] }, text }) },
      owed: count,
      cursor: maybe(date),
    },
    ['warnings', 'owed'],
  ),
  runPages: object({
    _id: id,
    schemaVersion: count,
    run: id,
    list: { enum: [...runLists] },
    page: place,
    casefileIds: { bsonType: 'array', items: id },
    expiresAt: date,
  }),
  instances: object(
    {
      _id: id,
      schemaVersion: count,
      locations: { bsonType: 'array', items: text },
      fullRequestedAt: maybe(date),
      rowsCarryChart: object({
        value: { bsonType: 'bool' },
        seenAt: date,
        pages: { bsonType: ['int', 'long', 'double', 'null'] },
        comparedAt: maybe(date),
        differs: maybe(object({ at: date, fields: { bsonType: 'array', items: text } })),
      }),
      contacts: { bsonType: 'array', items: object({ location: text, who: text }) },
    },
    ['rowsCarryChart', 'contacts'],
  ),
  kipuConnections: object({
    _id: { bsonType: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$' },
    schemaVersion: count,
    state: { enum: [...connectionStates] },
    baseUrl: id,
    appId: id,
    accessId: id,
    secretKey: maybe(sealed),
    digest: id,
    lockPolicy: { enum: [...lockPolicies] },
    timeZone: maybe(id),
    locationTimeZones: { bsonType: 'object' },
    callsPerSecond: { bsonType: ['int', 'long', 'double', 'null'], minimum: 1 },
    webhookSecrets: maybe(object({ 'patient-creation': sealed, 'chart-update': sealed })),
    rev: place,
    appliedRev: count,
    createdAt: date,
    createdBy: id,
    changedAt: date,
    changedBy: id,
  }),
};
