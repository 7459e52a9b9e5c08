import { durationText } from '../../../domain/time.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { runLabel } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';
import type { ZoneOf } from '../zones.ts';
import { countAddress } from './recordsPage.tsx';

const countColumns = [
  ['listed', 'Checked'],
  ['due', 'Changed'],
  ['saved', 'Saved'],
  ['unchanged', 'No new data'],
  ['held', 'Locked'],
  ['notReady', 'Not ready'],
  ['ignored', 'Ignored'],
  ['failed', 'Failed'],
] as const;

export function RunTable({ runs, zoneOf, now }: { runs: readonly RunDocument[]; zoneOf: ZoneOf; now: Date }) {
  return (
    <div class="tableSheet">
      <table class="table of-syncs">
        <caption class="hidden">Syncs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">Connection</th>
            <th scope="col">Status</th>
            {countColumns.map(([name, label]) => (
              <th key={name} scope="col" class="number">
                {label}
              </th>
            ))}
            <th scope="col" class="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run._id}>
              <td class="name">
                <a href={`/runs/${run._id}`}>
                  <When at={run.startedAt} zone={zoneOf(run.instance)} now={now} />
                </a>
              </td>
              <td>
                <span>
                  {run.instance}
                  {run.mode === 'full' && <small>every chart</small>}
                </span>
              </td>
              <td>
                <Mark label={runLabel[run.status]} />
              </td>
              {countColumns.map(([name]) => (
                <td key={name} class="number">
                  {run.status === 'running' ? <span class="soft">–</span> : <Count run={run} name={name} />}
                </td>
              ))}
              <td class="number">{runDuration(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The counts that link to their records in the list, which is long; the page of a sync links all of them. */
const linked = ['held', 'notReady', 'failed'] as const;
const isLinked = (name: string): name is (typeof linked)[number] => linked.some((one) => one === name);

function Count({ run, name }: { run: RunDocument; name: (typeof countColumns)[number][0] }) {
  const n = run.counts[name].toLocaleString('en-US');
  const href = isLinked(name) ? countAddress(run, name) : undefined;
  return href === undefined ? n : <a href={href}>{n}</a>;
}

/** Returns how long a run took, or a dash while it is running. */
export function runDuration({ startedAt, endedAt }: Pick<RunDocument, 'startedAt' | 'endedAt'>): string {
  return endedAt === null ? '–' : durationText(endedAt.getTime() - startedAt.getTime());
}
