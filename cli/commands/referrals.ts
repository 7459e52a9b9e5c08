import type { Command } from 'commander';
import { type ReferralView, referralView } from '../../client/recordViews.ts';
import { referralStatuses } from '../../domain/referral.ts';
import { ago } from '../terminal/text.ts';
import { listCommand } from './list.ts';

export function referralsCommand(): Command {
  return listCommand<ReferralView>({
    name: 'referrals',
    summary: 'list outbound referrals, the latest change first',
    help: 'Example: kipu-referrals referrals --status open --json',
    statuses: referralStatuses,
    find: async (store, filter, limit, now) =>
      (await store.referrals.list(filter, limit)).map((referral) => referralView(referral, now)),
    columns: (now) => [
      { title: 'record', of: (row) => row.record },
      { title: 'instance', of: (row) => row.instance },
      { title: 'casefile', of: (row) => row.casefileId },
      { title: 'status', of: (row) => row.status },
      { title: 'destination', of: (row) => row.destination },
      { title: 'revision', of: (row) => row.revision, number: true },
      { title: 'by', of: (row) => row.change },
      { title: 'consent', of: (row) => row.consent },
      { title: 'discharge', of: (row) => row.dischargeDate },
      { title: 'changed', of: (row) => ago(row.updatedAt, now) },
    ],
    shown: (rows) => ({
      kind: 'referrals-listed',
      records: rows.map(({ record: _id, instance }) => ({ _id, instance })),
    }),
    ifEmpty: 'no referrals',
  });
}
