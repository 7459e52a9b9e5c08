import type { Command } from 'commander';
import { type HoldView, holdView } from '../../views/holds.ts';
import { span } from '../words.ts';
import { listCommand } from './list.ts';

export function holdsCommand(): Command {
  return listCommand<HoldView>({
    name: 'holds',
    summary: 'list records that wait for an unlock, the oldest discharge first',
    help: 'Example: kipu-referrals holds --instance north\nThen:    kipu-referrals unlock <record> --by "your name" --why "called the facility"',
    async find(store, { instance }, limit, now) {
      const held = await store.records.held(instance === undefined ? {} : { instance }, limit);
      return held.map((record) => holdView(record, now)).filter((view) => view !== null);
    },
    columns: (now) => [
      { title: 'record', of: (row) => row.record },
      { title: 'instance', of: (row) => row.instance },
      { title: 'casefile', of: (row) => row.casefileId },
      { title: 'discharge', of: (row) => row.dischargeDate },
      { title: 'held for', of: (row) => span(now.getTime() - row.since.getTime()) },
      { title: 'reminders', of: (row) => row.reminders, number: true },
      { title: 'changes', of: (row) => row.changesWaiting, number: true },
      { title: 'destination', of: (row) => (row.destinationKnown ? 'known' : 'none yet') },
      { title: 'reason', of: (row) => row.reason },
    ],
    nothing: 'no holds',
  });
}
