import { consentStates, purposes } from '../domain/consent.ts';
import { basisNames } from '../domain/disclosure.ts';
import { count, date, id, maybe, object, text } from './schemaParts.ts';

const purpose = { enum: [...purposes] };
const scope = object({
  recipients: { bsonType: 'array', minItems: 1, items: id },
  purposes: { bsonType: 'array', minItems: 1, items: purpose },
  signedOn: id,
  expiresOn: maybe(id),
});

/** The parts of a referral's schema that are about its disclosure; absent in referrals of earlier versions. */
export const referralParts = {
  notice: object({ id, version: id, text }),
  consent: object(
    {
      state: { enum: [...consentStates] },
      scope,
      source: { enum: ['staff', null] },
      by: maybe(id),
      at: maybe(date),
      version: count,
    },
    ['scope'],
  ),
};

/** `$jsonSchema` of the collections of this subject. */
export const disclosureSchemas: Record<string, object> = {
  disclosures: object({
    _id: id,
    schemaVersion: count,
    event: id,
    at: date,
    by: id,
    way: { enum: ['export'] },
    record: id,
    instance: id,
    revision: count,
    recipient: id,
    recipientClass: maybe(id),
    purpose,
    basis: { enum: [...basisNames] },
    why: maybe(id),
    fields: { bsonType: 'array', minItems: 1, items: id },
    consent: {
      bsonType: ['object', 'null'],
      required: ['by', 'purposes', 'signedOn', 'expiresOn'],
      properties: { by: id, purposes: { bsonType: 'array', items: purpose }, signedOn: id, expiresOn: maybe(id) },
    },
    statement: object({ id, version: id }),
  }),
  purged: object({ _id: id, schemaVersion: count, instance: id, record: id, at: date, doneAt: maybe(date) }),
};
