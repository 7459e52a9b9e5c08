import { runModes, runStatuses, runWarningCodes } from '../domain/run.ts';
import { runLists } from './runPages.ts';
import { count, date, id, maybe, object, place, text } from './schemaParts.ts';

/** `$jsonSchema` of runs, their pages and instances. */
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
    },
    ['rowsCarryChart'],
  ),
};
