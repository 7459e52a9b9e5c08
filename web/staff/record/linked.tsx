import { faultAdvice } from '../../../domain/fault.ts';
import { holdWords } from '../../../domain/lock.ts';
import { HELD, statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Panel } from '../../ui/parts.tsx';
import { Ago, span, When } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';

/** The section *Linked EMR Record*: how it stands, and the way to unlock it. */
export function Linked({ stay, mayUnlock, now }: { stay: RecordDetails; mayUnlock: boolean; now: Date }) {
  const { record, moves } = stay;
  const { _id, status, unlocked, failure, pulledAt } = record;
  return (
    <Panel title="Linked EMR Record" id="linked">
      <div class="row">
        <Mark said={statusLabel[status]} />
        <span class="soft">
          Chart last read: <Ago at={pulledAt} now={now} />
        </span>
      </div>
      <HoldNotice stay={stay} now={now} />
      {moves === 'held' && mayUnlock && (
        <p>
          <a class="button first" href={`/records/${_id}/unlock`}>
            Unlock EMR Updates
          </a>
        </p>
      )}
      {moves === 'held' && !mayUnlock && <p class="soft">Staff may unlock it; your role may look.</p>}
      {status === 'unlocked' && (
        <p class="row">
          <span class="spin turning" aria-hidden="true" /> The chart is being read from KIPU …
        </p>
      )}
      {status === 'synced' && <p>Every change of the chart is read by itself.</p>}
      {failure !== null && (
        <Notice tone="bad">
          <p>{failure.text}</p>
          <p>{faultAdvice(failure.code)}</p>
        </Notice>
      )}
      {unlocked !== null && (
        <p class="soft">
          Unlocked by <bdi>{unlocked.by}</bdi>, <When at={unlocked.at} now={now} />
          {unlocked.why !== null && (
            <>
              : <bdi>{unlocked.why}</bdi>
            </>
          )}
        </p>
      )}
    </Panel>
  );
}

function HoldNotice({ stay: { record, moves }, now }: { stay: RecordDetails; now: Date }) {
  const { hold } = record;
  if (hold === null) return null;
  if (moves === 'asked') {
    return (
      <p class="row">
        <span class="spin turning" aria-hidden="true" /> The unlock is on its way …
      </p>
    );
  }
  return (
    <Notice tone="warn">
      <p>
        <strong>{HELD}</strong>
      </p>
      <p>
        {holdWords(hold.reason, record.chart?.locationName ?? null).replace(/^[^.]*\. /, '')} Held for{' '}
        {span(now.getTime() - hold.since.getTime())}
        {hold.changesWaiting > 0 && `; ${hold.changesWaiting} later changes wait`}.
      </p>
      {moves === 'stuck' && (
        <p>An unlock was sent, but no worker has applied it yet. It is not lost: it is applied when one runs.</p>
      )}
    </Notice>
  );
}

/** One sentence for a screen reader, told when it changes. */
export function recordLabel({ record, referral, moves }: RecordDetails): string {
  if (moves === 'asked') return 'The unlock is on its way.';
  if (moves === 'unlocked') return 'Unlocked. The chart is being read.';
  if (record.status === 'synced' && referral?.status === 'open') return 'Linked. There is a referral.';
  return statusLabel[record.status].text;
}
