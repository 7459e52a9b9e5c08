import { describe, expect, it } from 'vitest';
import { verifyText } from '../../../cli/commands/audit.ts';
import type { AuditReport } from '../../../store/auditEvents.ts';
import type { DisclosureReport } from '../../../store/disclosures.ts';

const LAST = { seq: 41, hash: 'ab12' };
const INTACT: AuditReport = { entries: 41, last: LAST, breaks: [], broken: 0, head: LAST, authenticated: true };

const NONE: DisclosureReport = { entries: 0, changed: [], withoutEvent: 0 };

describe('The text of audit verify', () => {
  it.each<[string, AuditReport, string[]]>([
    ['intact', INTACT, ['The audit is intact: 41 entries.', 'Head: 41:ab12']],
    ['empty', { ...INTACT, entries: 0, last: null, head: null }, ['The audit is intact: it is empty.']],
    ['not authenticated', { ...INTACT, authenticated: false }, ['Not authenticated: this process has no key']],
    [
      'newer than its head',
      { ...INTACT, head: { seq: 40, hash: 'x' } },
      ['The audit is intact: 41 entries.', '1 entry newer than the head'],
    ],
    [
      'broken',
      { ...INTACT, broken: 1, breaks: [{ kind: 'changed', seq: 7, text: 'it is not what its hash was made of' }] },
      ['The audit is BROKEN: 1 fault in 41 entries.', 'entry 7: changed: it is not what its hash was made of'],
    ],
    [
      'broken in more places than are listed',
      { ...INTACT, broken: 3, breaks: [{ kind: 'outside', seq: null, text: 'an entry has no place in the chain' }] },
      ['The audit is BROKEN: 3 faults in 41 entries.', 'no place: outside: an entry has no place', 'and 2 more'],
    ],
  ])('says whether the audit is %s', (_, report, parts) => {
    for (const part of parts) expect(verifyText(report, NONE)).toContain(part);
    expect(verifyText(report, NONE).replace(/\s+/g, ' ')).toContain('could replace the audit and its head');
  });

  it.each<[string, Partial<DisclosureReport>, string]>([
    ['match', { entries: 2 }, 'Disclosures: 2 entries, which match the audit.'],
    ['do not match', { entries: 2, changed: ['disclosed/7'] }, 'which DO NOT match the audit. disclosed/7: its'],
    ['are not in it', { entries: 2, withoutEvent: 1 }, '1 entry of the disclosures not in the audit: written by'],
  ])('says whether the disclosures %s', (_, change, part) => {
    expect(verifyText(INTACT, { ...NONE, ...change }).replace(/\s+/g, ' ')).toContain(part);
  });
});
