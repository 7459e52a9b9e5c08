import type { RunDocument } from '../../../store/documents.ts';
import { When } from '../../ui/times.tsx';
import { texts } from './texts.ts';

const [WIDTH, HEIGHT, STEP, BAR, FOOT] = [480, 72, 10, 8, 3];
const DRAWN = WIDTH / STEP;

interface RunChartProps {
  /** Newest first. */
  runs: readonly RunDocument[];
  id: string;
  zone: string;
  now: Date;
}

/** A bar chart of the last syncs, newest on the right: saved, locked and failed charts, on red when the sync itself failed. */
export function RunChart({ runs, id, zone, now }: RunChartProps) {
  const shown = runs.slice(0, DRAWN).reverse();
  const highest = Math.max(...shown.map(({ counts }) => counts.saved + counts.held + counts.failed), 1);
  const [oldest, newest] = [shown[0], shown.at(-1)];
  if (oldest === undefined || newest === undefined) return <p class="soft">{texts.noSyncs}</p>;
  return (
    <figure class="stack tight">
      <h3>{texts.chartTitle(shown.length)}</h3>
      <p class="axis">
        <span aria-hidden="true">{highest.toLocaleString('en-US')} charts</span>
      </p>
      <svg class="bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-labelledby={id}>
        <title id={id}>{runChartText(shown)}</title>
        <rect class="quiet" x={0} y={HEIGHT - 1} width={WIDTH} height={1} />
        {shown.map((run, at) => (
          <Bar key={run._id} run={run} x={WIDTH - (shown.length - at) * STEP} highest={highest} />
        ))}
      </svg>
      <p class="axis">
        <When at={oldest.startedAt} zone={zone} now={now} />
        {shown.length > 1 && <When at={newest.startedAt} zone={zone} now={now} />}
      </p>
      <figcaption>
        <ul class="legend">
          <Legend kind="saved" words={texts.legend.saved} />
          <Legend kind="held" words={texts.legend.held} />
          <Legend kind="failed" words={texts.legend.failed} />
        </ul>
      </figcaption>
    </figure>
  );
}

function Bar({ run, x, highest }: { run: RunDocument; x: number; highest: number }) {
  const { counts, status } = run;
  const bad = status === 'failed' || status === 'incomplete';
  const room = HEIGHT - FOOT;
  let top = room;
  const parts = (['saved', 'held', 'failed'] as const).map((kind) => {
    const height = counts[kind] === 0 ? 0 : Math.max((counts[kind] / highest) * (room - 2), 2);
    top = Math.max(top - height, 0);
    return { kind, y: top, height };
  });
  return (
    <g>
      {bad && <rect class="ground" x={x} y={0} width={STEP} height={HEIGHT} />}
      <rect class={bad ? 'failed' : 'quiet'} x={x + 1} y={room} width={BAR} height={FOOT} />
      {parts.map(
        ({ kind, y, height }) =>
          height > 0 && <rect key={kind} class={kind} x={x + 1} y={y} width={BAR} height={height} />,
      )}
    </g>
  );
}

function Legend({ kind, words }: { kind: string; words: string }) {
  return (
    <li>
      <svg class="bars" viewBox="0 0 10 10" aria-hidden="true">
        <rect class={kind} width="10" height="10" rx="2" />
      </svg>
      {words}
    </li>
  );
}

/** Returns what the bar chart shows, for screen readers. */
function runChartText(runs: readonly Pick<RunDocument, 'status' | 'counts'>[]): string {
  const of = (status: RunDocument['status']) => runs.filter((run) => run.status === status).length;
  const sum = (kind: 'saved' | 'held' | 'failed') => runs.reduce((all, { counts }) => all + counts[kind], 0);
  const wrong = of('failed') + of('incomplete');
  const runsWords = runs.length === 1 ? 'The last sync' : `The last ${runs.length} syncs`;
  return `${runsWords}: ${of('completed')} completed, ${wrong} failed or incomplete; ${sum('saved')} charts saved, ${sum('held')} locked, ${sum('failed')} failed.`;
}
