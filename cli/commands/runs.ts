import type { Command } from 'commander';
import { type RunView, runView } from '../../client/runView.ts';
import { shortTime } from '../terminal/dates.ts';
import { listCommand } from './list.ts';

export function runsCommand(): Command {
  return listCommand<RunView>({
    name: 'runs',
    summary: 'list runs, the newest first',
    help: 'Example: kipu-referrals runs --instance north --limit 5',
    find: async (store, { instance }, limit, now) =>
      (await store.runs.list(instance === undefined ? {} : { instance }, limit)).map((run) => runView(run, now)),
    columns: (now, zoneOf) => [
      { title: 'started', of: (row) => shortTime(row.startedAt, zoneOf(row.instance), now) },
      { title: 'instance', of: (row) => row.instance },
      { title: 'mode', of: (row) => row.mode, leaveOut: 6 },
      { title: 'status', of: (row) => row.status },
      { title: 'listed', of: (row) => row.listed, number: true },
      { title: 'due', of: (row) => row.due, number: true },
      { title: 'saved', of: (row) => row.saved, number: true },
      { title: 'unchanged', of: (row) => row.unchanged, number: true, leaveOut: 5 },
      { title: 'held', of: (row) => row.held, number: true },
      { title: 'not ready', of: (row) => row.notReady, number: true, leaveOut: 9 },
      { title: 'ignored', of: (row) => row.ignored, number: true, leaveOut: 4 },
      { title: 'failed', of: (row) => row.failed, number: true },
      { title: 'owed', of: (row) => row.owed, number: true, leaveOut: 2 },
      { title: 'KIPU calls', of: (row) => row.kipuCalls, number: true, leaveOut: 3 },
      { title: 'seconds', of: (row) => (row.durationMs / 1_000).toFixed(1), number: true, leaveOut: 8 },
      { title: 'fault', of: (row) => row.fault?.text ?? null, leaveOut: 7 },
      { title: 'warnings', of: (row) => row.warnings.map(({ text }) => text).join(' ') || null, leaveOut: 1 },
    ],
    shown: () => null,
    ifEmpty: 'no runs',
  });
}
