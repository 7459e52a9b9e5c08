import { notice } from '../../domain/disclosure.ts';
import { unknownConsent } from '../disclosureDocuments.ts';
import type { Migration } from './migration.ts';

const missing = { $exists: false };

/** A consent that staff record in between stays. */
export const addStatementAndConsent: Migration = {
  ...{ number: 2, name: 'statement-and-consent', kind: 'expand', collection: 'referrals' },
  text: 'adds the statement and the unknown consent to referrals of earlier versions',
  filter: { $or: [{ notice: missing }, { consent: missing }] },
  projection: { _id: 1 },
  writes: (documents) =>
    documents.flatMap(({ _id }) => [
      { updateOne: { filter: { _id, notice: missing }, update: { $set: { notice } } } },
      { updateOne: { filter: { _id, consent: missing }, update: { $set: { consent: unknownConsent } } } },
    ]),
};
