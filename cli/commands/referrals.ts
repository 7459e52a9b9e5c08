import type { Command } from 'commander';
import { type ReferralView, referralView } from '../../client/recordViews.ts';
import { referralStatuses } from '../../domain/referral.ts';
import { shortDate } from '../terminal/dates.ts';
import { ago } from '../terminal/text.ts';
import { listCommand } from './list.ts';

export function referralsCommand(): Command {
  return listCommand<ReferralView>({
    name: 'referrals',
    summary: 'list outbound referrals, the latest change first',
    help: 'Example: kipu-referrals referrals --status open --json',
    statuses: referralStatuses,
    find: async (store, filter, limit, now, zoneOf) =>
      (await store.referrals.list(filter, limit)).map((referral) =>
        referralView(referral, now, zoneOf(referral.instance).zone),
      ),
    columns: (now) => [
      { title: 'record', of: (row) => row.record },
      { title: 'instance', of: (row) => row.instance },
      { title: 'status', of: (row) => row.status },
      { title: 'destination', of: (row) => row.destination, cut: 12 },
      { title: 'revision', of: (row) => row.revision, number: true, leaveOut: 2 },
      { title: 'by', of: (row) => row.change, leaveOut: 1 },
      { title: 'consent', of: (row) => row.consent, leaveOut: 4 },
      { title: 'discharge', of: (row) => shortDate(row.dischargeDate, now), leaveOut: 5 },
      { title: 'changed', of: (row) => ago(row.updatedAt, now), leaveOut: 3 },
    ],
    shown: (rows) => ({
      kind: 'referrals-listed',
      records: rows.map(({ record: _id, instance }) => ({ _id, instance })),
    }),
    ifEmpty: 'no referrals',
  });
}
