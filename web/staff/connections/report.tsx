import type { ConnectionReport } from '../../../connection/report.ts';
import { Mark, Panel } from '../../ui/parts.tsx';
import { formTexts } from './texts.ts';

/** The findings of the test: what is wrong first. */
export function Report({ tested: { report } }: { tested: ConnectionReport }) {
  const ordered = [
    ...report.findings.filter(({ ok }) => !ok),
    ...report.findings.filter(({ ok, fix }) => ok && fix !== null),
    ...report.findings.filter(({ ok, fix }) => ok && fix === null),
  ];
  return (
    <Panel title={formTexts.tested.report(report.calls)} id="report">
      <ol class="line">
        {ordered.map(({ check, ok, detail, fix, lines = [] }) => (
          <li key={`${check} ${detail}`} class={toneOf(ok, fix)}>
            <strong>{check}</strong> {toneOf(ok, fix) !== 'good' && <Mark label={labels[toneOf(ok, fix)]} />}
            <div>
              <bdi>{detail}</bdi>
            </div>
            {check !== 'dates' &&
              lines.map((line) => (
                <div key={line} class="soft">
                  {line}
                </div>
              ))}
            {fix !== null && <div class="small">{fix}</div>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const labels = {
  bad: { text: 'Fix this', tone: 'bad' },
  warn: { text: 'Check this', tone: 'warn' },
  good: { text: 'OK', tone: 'good' },
} as const;

function toneOf(ok: boolean, fix: string | null): keyof typeof labels {
  if (!ok) return 'bad';
  return fix === null ? 'good' : 'warn';
}
