import type { Command } from 'commander';
import { type RecordView, recordView } from '../../client/recordViews.ts';
import { type RecordStatus, recordStatuses } from '../../store/documents.ts';
import { ago } from '../terminal/text.ts';
import { listCommand } from './list.ts';

export function recordsCommand(): Command {
  return listCommand<RecordView>({
    name: 'records',
    summary: 'list records, one per chart, the latest change first',
    help: 'Example: kipu-referrals records --instance north --status notReady',
    statuses: recordStatuses,
    async find(store, { instance, status }, limit) {
      const found = await store.records.list(
        { ...(instance === undefined ? {} : { instance }), ...(isRecordStatus(status) ? { status } : {}) },
        limit,
      );
      const referrals = await store.referrals.latestOf(found.map(({ _id }) => _id));
      return found.map((record) => recordView(record, referrals.get(record._id) ?? null));
    },
    columns: (now) => [
      { title: 'record', of: (row) => row.record },
      { title: 'instance', of: (row) => row.instance },
      { title: 'status', of: (row) => row.status },
      { title: 'destination', of: (row) => row.destination, cut: 12 },
      { title: 'revision', of: (row) => row.revision, number: true, leaveOut: 1 },
      { title: 'changed', of: (row) => ago(row.updatedAt, now), leaveOut: 2 },
      { title: 'remark', of: recordRemark, cut: 12 },
    ],
    shown: (rows) => ({
      kind: 'records-listed',
      records: rows.map(({ record: _id, instance }) => ({ _id, instance })),
    }),
    ifEmpty: 'no records',
  });
}

/** Returns what a person should know besides a record's status. */
export function recordRemark(view: Pick<RecordView, 'missing' | 'failure' | 'referral'>): string | null {
  if (view.failure !== null) return `${view.failure.code}: ${view.failure.text}`;
  if (view.missing.length > 0) return `no ${view.missing.join(', ')}`;
  return view.referral === 'open' || view.referral === null ? null : `referral ${view.referral}`;
}

function isRecordStatus(status: string | undefined): status is RecordStatus {
  return recordStatuses.some((known) => known === status);
}
