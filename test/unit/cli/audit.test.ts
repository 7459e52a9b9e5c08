import { describe, expect, it } from 'vitest';
import { verifyText } from '../../../cli/commands/audit.ts';
import type { AuditReport } from '../../../store/auditEvents.ts';

const LAST = { seq: 41, hash: 'ab12' };
const SOUND: AuditReport = { entries: 41, last: LAST, breaks: [], broken: 0, head: LAST };

describe('what verify says', () => {
  it.each<[string, AuditReport, string[]]>([
    ['sound', SOUND, ['The audit is sound: 41 entries.', 'Head: 41:ab12']],
    ['empty', { ...SOUND, entries: 0, last: null, head: null }, ['The audit is sound: it is empty.']],
    [
      'newer than its head',
      { ...SOUND, head: { seq: 40, hash: 'x' } },
      ['The audit is sound: 41 entries.', '1 entry newer than the head'],
    ],
    [
      'broken',
      { ...SOUND, broken: 1, breaks: [{ kind: 'changed', seq: 7, text: 'it is not what its hash was made of' }] },
      ['The audit is BROKEN: 1 fault in 41 entries.', 'entry 7: changed: it is not what its hash was made of'],
    ],
    [
      'broken in more places than are told',
      { ...SOUND, broken: 3, breaks: [{ kind: 'outside', seq: null, text: 'an entry has no place in the chain' }] },
      ['The audit is BROKEN: 3 faults in 41 entries.', 'nowhere: outside: an entry has no place', 'and 2 more'],
    ],
  ])('where it is %s', (_, report, parts) => {
    for (const part of parts) expect(verifyText(report)).toContain(part);
    expect(verifyText(report)).toContain('keep\nthe head that it prints elsewhere');
  });
});
