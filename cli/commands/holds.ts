import { type Command, Option } from 'commander';
import { type HoldView, holdView } from '../../client/recordViews.ts';
import { DAY_MS } from '../../domain/time.ts';
import type { HoldFilter } from '../../store/recordHolds.ts';
import { reasonOption, wholeNumber } from '../terminal/arguments.ts';
import { shortDate } from '../terminal/dates.ts';
import type { Column } from '../terminal/table.ts';
import { span } from '../terminal/text.ts';
import { type ListFilter, listCommand } from './list.ts';

export function holdsCommand(): Command {
  return listCommand<HoldView>({
    name: 'holds',
    summary: 'list held records, the oldest discharge first',
    help: 'Example: kipu-referrals holds --instance north\nThen:    kipu-referrals unlock <record> --by "R. Lee" --why "facility called"',
    options: [
      reasonOption(),
      new Option('--older-than <days>', 'only holds that are at least this many days old').argParser(
        wholeNumber(0, 36_500),
      ),
    ],
    async find(store, filter, limit, now) {
      const held = await store.records.held(holdFilter(filter, now), limit);
      return held.map((record) => holdView(record, now)).filter((view) => view !== null);
    },
    columns: holdColumns,
    shown: (rows) => ({ kind: 'holds-listed', records: rows.map(({ record: _id, instance }) => ({ _id, instance })) }),
    ifEmpty: 'no holds',
  });
}

export function holdColumns(now: Date): Column<HoldView>[] {
  return [
    { title: 'record', of: (row) => row.record },
    { title: 'instance', of: (row) => row.instance },
    { title: 'discharge', of: (row) => shortDate(row.dischargeDate, now) },
    { title: 'held for', of: (row) => span(now.getTime() - row.since.getTime()) },
    { title: 'reminders', of: (row) => row.reminders, number: true, leaveOut: 1 },
    { title: 'changes', of: (row) => row.changesWaiting, number: true, leaveOut: 2 },
    { title: 'destination', of: (row) => (row.destinationKnown ? 'known' : 'none yet'), leaveOut: 3 },
    { title: 'reason', of: (row) => row.reason },
  ];
}

function holdFilter({ instance, reason, olderThan }: ListFilter, now: Date): HoldFilter {
  return {
    ...(instance === undefined ? {} : { instance }),
    ...(reason === undefined ? {} : { reason }),
    ...(olderThan === undefined ? {} : { heldBefore: new Date(now.getTime() - olderThan * DAY_MS) }),
  };
}
