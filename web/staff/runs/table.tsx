import { durationText } from '../../../domain/time.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { runLabel } from '../../ui/labels.ts';
import { attentionAddress, Mark } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';
import type { ZoneOf } from '../zones.ts';

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

/** The kinds of records to which counts of a run link: those that need a person now. */
const linked = { held: 'locked', notReady: 'missing', failed: 'unreadable' } as const;
const isLinked = (name: string): name is keyof typeof linked => Object.hasOwn(linked, name);

function Count({ run: { instance, counts }, name }: { run: RunDocument; name: (typeof countColumns)[number][0] }) {
  const n = counts[name].toLocaleString('en-US');
  if (counts[name] === 0 || !isLinked(name)) return <>{n}</>;
  return <a href={attentionAddress(linked[name], instance)}>{n}</a>;
}

/** Returns how long a run took, or a dash while it is running. */
export function runDuration({ startedAt, endedAt }: Pick<RunDocument, 'startedAt' | 'endedAt'>): string {
  return endedAt === null ? '–' : durationText(endedAt.getTime() - startedAt.getTime());
}
