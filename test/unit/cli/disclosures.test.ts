import { describe, expect, it } from 'vitest';
import { disclosuresCsv } from '../../../cli/commands/disclosures.ts';
import { exportedFields, notice } from '../../../domain/disclosure.ts';
import type { DisclosureDocument } from '../../../store/disclosureDocuments.ts';

const { id, version } = notice;
const made: DisclosureDocument = {
  ...{
    _id: 'disclosed/7/0',
    schemaVersion: 1,
    event: 'disclosed/7',
    at: new Date('2026-03-01T10:00:00Z'),
    by: 'rvale',
  },
  ...{ way: 'export', record: 'r-bcdf2345ghjk6789', instance: 'north', revision: 2, recipient: '=Harbor' },
  ...{ recipientClass: null, purpose: 'operations', basis: 'consent', why: null, fields: [...exportedFields] },
  consent: { by: '=Harbor', purposes: ['operations'], signedOn: '2026-01-04', expiresOn: null },
  statement: { id, version },
};

describe('The accounting as CSV', () => {
  it('says of each disclosure when, to whom, what, for what and by what, and runs no formula', () => {
    const [head = '', line = '', ...rest] = disclosuresCsv([made]).split('\r\n');
    expect(head.startsWith('"At (UTC)","Recipient",')).toBe(true);
    expect(line).toBe(
      [
        ...['"2026-03-01T10:00:00.000Z"', `"'=Harbor"`, '', '"health care operations"'],
        '"name, date of birth, medical record number, chart number, facility, admission and discharge, levels of care, destination"',
        '"Consent of 2026-01-04, without a last day, to =Harbor, for health care operations; it may be revoked"',
        ...['', '"42 CFR 2.32(a)(2), 2024-04-16"', '"export"', '"r-bcdf2345ghjk6789"', '"2"', '"rvale"'],
      ].join(','),
    );
    expect(rest).toEqual(['']);
  });
});
