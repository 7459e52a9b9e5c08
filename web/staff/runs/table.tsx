import type { RunDocument } from '../../../store/documents.ts';
import { runLabel } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';

const counted = [
  ['listed', 'Seen'],
  ['due', 'Due'],
  ['saved', 'Saved'],
  ['unchanged', 'Unchanged'],
  ['held', 'Held'],
  ['notReady', 'Not ready'],
  ['ignored', 'Ignored'],
  ['failed', 'Failed'],
] as const;

export function RunTable({ runs, now }: { runs: readonly RunDocument[]; now: Date }) {
  return (
    <div class="tableSheet">
      <table class="table">
        <caption class="hidden">Runs, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">Instance</th>
            <th scope="col">How it ended</th>
            {counted.map(([name, words]) => (
              <th key={name} scope="col" class="number">
                {words}
              </th>
            ))}
            <th scope="col" class="number">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run._id}>
              <td class="name" data-label="Started">
                <a href={`/runs/${run._id}`}>
                  <When at={run.startedAt} now={now} />
                </a>
              </td>
              <td data-label="Instance">
                <span>
                  {run.instance}
                  {run.mode === 'full' && <span class="soft">full run</span>}
                </span>
              </td>
              <td data-label="Ended">
                <Mark said={runLabel[run.status]} />
              </td>
              {counted.map(([name, words]) => (
                <td key={name} class="number" data-label={words}>
                  {run.status === 'running' ? <span class="soft">–</span> : run.counts[name].toLocaleString('en-US')}
                </td>
              ))}
              <td class="number" data-label="Took">
                {durationText(run)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function durationText({ startedAt, endedAt }: Pick<RunDocument, 'startedAt' | 'endedAt'>): string {
  if (endedAt === null) return '–';
  const seconds = (endedAt.getTime() - startedAt.getTime()) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
