import { faultAdvice, runFaultAdvice } from '../../../domain/fault.ts';
import { countsAddUp } from '../../../domain/run.ts';
import type { RecordDocument, RunDocument } from '../../../store/documents.ts';
import { patientName, runLabel } from '../../ui/labels.ts';
import { Fact, Figure, Mark, Notice, Panel, Title } from '../../ui/parts.tsx';
import { Day, When } from '../../ui/times.tsx';
import { RunningNow } from './page.tsx';
import type { Progress } from './progress.ts';
import { countAddress } from './recordsPage.tsx';
import { runDuration } from './table.tsx';
import { texts } from './texts.ts';

export interface RunProps {
  run: RunDocument;
  failed: readonly RecordDocument[];
  progress: Progress | null;
  /** The run in Temporal's web UI; null when that is not known, or the user is not an administrator. */
  temporalUrl: string | null;
  /** The time zone of the run's instance. */
  zone: string;
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
export function RunPart({ run, failed, progress, temporalUrl, zone, now, version }: RunProps & { version: string }) {
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
            <When at={run.startedAt} zone={zone} now={now} />
          </Fact>
          <Fact name="Duration">{runDuration(run)}</Fact>
          <Fact name="Days listed">
            <Day day={run.window.startDay} /> to <Day day={run.window.endDay} />
          </Fact>
          <Fact name="Requests to KIPU">{run.counts.kipuCalls.toLocaleString('en-US')}</Fact>
        </dl>
        {temporalUrl !== null && (
          <p>
            <a href={temporalUrl} rel="noreferrer">
              {texts.temporal}
            </a>
          </p>
        )}
      </Panel>
      {progress !== null ? <RunningNow progress={progress} zone={zone} now={now} /> : <Counts run={run} />}
      {failed.length > 0 && <Failed records={failed} zone={zone} now={now} />}
    </div>
  );
}

function Counts({ run }: { run: RunDocument }) {
  const { counts } = run;
  const { listed, refused, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  return (
    <Panel title="Counts" id="counts">
      <dl class="figures">
        <Figure name="checked" n={listed} />
        <Figure name="changed" n={due} />
        <Figure name="saved" n={saved} href={countAddress(run, 'saved')} />
        <Figure name="no new data" n={unchanged} href={countAddress(run, 'unchanged')} />
        <Figure name="locked" n={held} tone="warn" href={countAddress(run, 'held')} />
        <Figure name="not ready" n={notReady} href={countAddress(run, 'notReady')} />
        <Figure name="ignored" n={ignored} href={countAddress(run, 'ignored')} />
        <Figure name="failed" n={failed} tone="bad" href={countAddress(run, 'failed')} />
      </dl>
      <p class="soft number">
        {due} changed = {saved} saved + {unchanged} no new data + {held} locked + {notReady} not ready + {ignored}{' '}
        ignored + {failed} failed
        {countsAddUp(counts) ? texts.addsUp : texts.doesNotAddUp}
      </p>
      {refused > 0 && <p>{texts.refused(refused)}</p>}
    </Panel>
  );
}

function Failed({ records, zone, now }: { records: readonly RecordDocument[]; zone: string; now: Date }) {
  return (
    <Panel title={texts.failedTitle} id="failed">
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">{texts.failedTitle}</caption>
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
                  <When at={failure?.at ?? null} zone={zone} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
