import type { AccountDocument, AuditDocument } from '../../store/accessDocuments.ts';
import type { RecipientDocument } from '../../store/notificationDocuments.ts';
import type { StoredData } from './memoryStore.ts';
import { at } from './recordFixtures.ts';

function anAccount(name: string, change: Partial<AccountDocument> = {}): AccountDocument {
  return {
    ...{ _id: `id-of-${name}`, schemaVersion: 1, name, displayName: 'Dana Lee', role: 'staff', instances: ['north'] },
    ...{ passwordHash: 'a hash', openId: null, disabled: false, epoch: 1, createdAt: at, updatedAt: at },
    ...change,
  };
}

function anEvent(seq: number, change: Partial<AuditDocument>): AuditDocument {
  return {
    ...{ _id: `e-${seq}`, schemaVersion: 1, at, who: 'dana', what: 'signed-in', instance: null, record: null },
    ...{ why: null, outcome: 'done', from: '192.0.2.1', seq, previous: '', hash: 'h' },
    ...change,
  };
}

const desk: RecipientDocument = {
  ...{ _id: 'n-desk', schemaVersion: 1, name: 'Front desk', channel: 'slack', secret: null, instances: '*' },
  ...{ target: 'https://hooks.slack.test/services/T0/B0/invented', subscriptions: ['digest', 'trouble'], hour: 7 },
  ...{ account: null, createdAt: at, createdBy: 'rvale' },
};

/** Returns what the pages for administrators show. The account that is signed in is among the accounts. */
export function adminData(): Pick<StoredData, 'accounts' | 'recipients' | 'audit'> {
  return {
    accounts: [
      anAccount('rvale', { _id: 'a', displayName: 'Robin Vale', role: 'admin', instances: '*' }),
      anAccount('dana', { signedInAt: at }),
      anAccount('lee', { disabled: true, role: 'viewer' }),
    ],
    recipients: [desk],
    audit: [anEvent(1, {}), anEvent(2, { what: 'account-changed', outcome: 'lee: disabled' })],
  };
}

/** The pages that only administrators may open. */
export const adminPaths: readonly string[] = [
  ...['/people', '/people?done=changed', '/people/id-of-dana', '/people/a', '/audit', '/audit?what=signed-in'],
  ...['/notifications', '/notifications?done=added', '/settings'],
  ...['/connections', '/connections/add', '/connections/north'],
];
