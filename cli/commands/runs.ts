import type { Command } from 'commander';
import { type RunView, runView } from '../../client/runView.ts';
import { minute } from '../terminal/text.ts';
import { listCommand } from './list.ts';

export function runsCommand(): Command {
  return listCommand<RunView>({
    name: 'runs',
    summary: 'list runs, the newest first',
    help: 'Example: kipu-referrals runs --instance north --limit 5',
    find: async (store, { instance }, limit, now) =>
      (await store.runs.list(instance === undefined ? {} : { instance }, limit)).map((run) => runView(run, now)),
    columns: () => [
      { title: 'started', of: (row) => minute(row.startedAt) },
      { title: 'instance', of: (row) => row.instance },
      { title: 'mode', of: (row) => row.mode },
      { title: 'status', of: (row) => row.status },
      { title: 'listed', of: (row) => row.listed, number: true },
      { title: 'due', of: (row) => row.due, number: true },
      { title: 'saved', of: (row) => row.saved, number: true },
      { title: 'unchanged', of: (row) => row.unchanged, number: true },
      { title: 'held', of: (row) => row.held, number: true },
      { title: 'not ready', of: (row) => row.notReady, number: true },
      { title: 'ignored', of: (row) => row.ignored, number: true },
      { title: 'failed', of: (row) => row.failed, number: true },
      { title: 'owed', of: (row) => row.owed, number: true },
      { title: 'KIPU calls', of: (row) => row.kipuCalls, number: true },
      { title: 'seconds', of: (row) => (row.durationMs / 1_000).toFixed(1), number: true },
      { title: 'fault', of: (row) => row.fault?.text ?? null },
      { title: 'warnings', of: (row) => row.warnings.map(({ text }) => text).join(' ') || null },
    ],
    shown: () => null,
    ifEmpty: 'no runs',
  });
}
