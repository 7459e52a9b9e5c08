import { faultAdvice, runFaultAdvice } from '../../../domain/fault.ts';
import { countsAddUp } from '../../../domain/run.ts';
import type { RecordDocument, RunDocument } from '../../../store/documents.ts';
import { patientName, runLabel } from '../../ui/labels.ts';
import { attentionAddress, Fact, Figure, Mark, Notice, Panel, Title } from '../../ui/parts.tsx';
import { ChartDate, When } from '../../ui/times.tsx';
import { RunningNow } from './page.tsx';
import type { Progress } from './progress.ts';
import { runDuration } from './table.tsx';

export interface RunProps {
  run: RunDocument;
  failed: readonly RecordDocument[];
  progress: Progress | null;
  /** The run in Temporal's web UI; null when that is not known. */
  temporalUrl: string | null;
  now: Date;
}

export function RunPage(props: RunProps & { version: string }) {
  return (
    <>
      <Title text={`Sync of ${props.run.instance}`} back={{ href: '/runs', words: 'Sync history' }} />
      <RunPart {...props} />
    </>
  );
}

/** Everything about a run. Polls while it is running. */
export function RunPart({ run, failed, progress, temporalUrl, now, version }: RunProps & { version: string }) {
  const polls = run.status === 'running' && {
    'hx-get': `/runs/${run._id}/now?seen=${version}`,
    'hx-trigger': 'every 1s',
    'hx-swap': 'outerHTML',
  };
  return (
    <div id="run" class="stack" {...polls}>
      {run.fault !== null && (
        <Notice tone="bad">
          <p>
            <strong>{run.fault.text}</strong>
          </p>
          <p>{runFaultAdvice(run.fault.code)}</p>
        </Notice>
      )}
      {(run.warnings ?? []).map(({ code, text }) => (
        <Notice key={code} tone="warn">
          {text}
        </Notice>
      ))}
      <Panel title="Sync" id="facts">
        <dl class="facts">
          <Fact name="Status">
            <Mark label={runLabel[run.status]} />
          </Fact>
          <Fact name="Kind">{run.mode === 'full' ? 'every chart' : 'changed charts'}</Fact>
          <Fact name="Started">
            <When at={run.startedAt} now={now} />
          </Fact>
          <Fact name="Duration">{runDuration(run)}</Fact>
          <Fact name="Days listed">
            <ChartDate date={run.window.startDay} /> to <ChartDate date={run.window.endDay} />
          </Fact>
          <Fact name="Requests to KIPU">{run.counts.kipuCalls.toLocaleString('en-US')}</Fact>
        </dl>
        {temporalUrl !== null && (
          <p>
            <a href={temporalUrl} rel="noreferrer">
              View in Temporal
            </a>
          </p>
        )}
      </Panel>
      {progress !== null ? <RunningNow progress={progress} now={now} /> : <Counts run={run} />}
      {failed.length > 0 && <Failed records={failed} now={now} />}
    </div>
  );
}

function Counts({ run: { instance, counts } }: { run: RunDocument }) {
  const { listed, refused, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  return (
    <Panel title="Counts" id="counts">
      <dl class="figures">
        <Figure name="checked" n={listed} />
        <Figure name="changed" n={due} />
        <Figure name="saved" n={saved} />
        <Figure name="no new data" n={unchanged} />
        <Figure name="locked" n={held} tone="warn" href={attentionAddress('locked', instance)} />
        <Figure name="not ready" n={notReady} href={attentionAddress('missing', instance)} />
        <Figure name="ignored" n={ignored} />
        <Figure name="failed" n={failed} tone="bad" href={attentionAddress('unreadable', instance)} />
      </dl>
      <p class="soft number">
        {due} changed = {saved} saved + {unchanged} no new data + {held} locked + {notReady} not ready + {ignored}{' '}
        ignored + {failed} failed
        {countsAddUp(counts) ? ' ✓' : '. These do not add up: tell your administrator.'}
      </p>
      {held + notReady + failed > 0 && (
        <p class="soft">Locked, not ready and failed link to the records that need attention now.</p>
      )}
      {refused > 0 && <p>{refused} rows of KIPU’s list named no chart and were skipped.</p>}
    </Panel>
  );
}

function Failed({ records, now }: { records: readonly RecordDocument[]; now: Date }) {
  return (
    <Panel title="Charts that could not be read" id="failed">
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">Charts that could not be read</caption>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">What is wrong</th>
              <th scope="col">What to do</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {records.map(({ _id, chart, failure }) => (
              <tr key={_id}>
                <td class="name" data-label="Patient">
                  <a href={`/records/${_id}`}>
                    <bdi>{chart === null ? _id : patientName(chart)}</bdi>
                  </a>
                </td>
                <td data-label="What is wrong">{failure?.text}</td>
                <td data-label="What to do">{faultAdvice(failure?.code ?? '')}</td>
                <td data-label="When">
                  <When at={failure?.at ?? null} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
