import { faultAdvice } from '../../../domain/fault.ts';
import { holdWords } from '../../../domain/lock.ts';
import { durationText } from '../../../domain/time.ts';
import { HELD, statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Panel } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';

/** The panel *Linked EMR Record*: the status of the record, and the link to unlock it. */
export function Linked({ details, mayUnlock, now }: { details: RecordDetails; mayUnlock: boolean; now: Date }) {
  const { record, zone, unlockState } = details;
  const { _id, status, unlocked, failure, pulledAt } = record;
  return (
    <Panel title="Linked EMR Record" id="linked">
      <div class="row">
        <Mark label={statusLabel[status]} />
        <span class="soft">
          Last pulled: <Ago at={pulledAt} zone={zone} now={now} />
        </span>
      </div>
      <HoldNotice details={details} now={now} />
      {unlockState === 'held' && mayUnlock && (
        <p>
          <a class="button first" href={`/records/${_id}/unlock`}>
            Unlock EMR Updates
          </a>
        </p>
      )}
      {unlockState === 'held' && !mayUnlock && <p class="soft">View only: ask a staff member to unlock this record.</p>}
      {status === 'unlocked' && (
        <p class="row">
          <span class="spin turning" aria-hidden="true" /> Pulling the chart from KIPU …
        </p>
      )}
      {status === 'synced' && <p>Updates from KIPU come in automatically.</p>}
      {failure !== null && (
        <Notice tone="bad">
          <p>{failure.text}</p>
          <p>{faultAdvice(failure.code)}</p>
        </Notice>
      )}
      {unlocked !== null && (
        <p class="soft">
          Unlocked by <bdi>{unlocked.by}</bdi>, <When at={unlocked.at} zone={zone} now={now} />
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

function HoldNotice({ details: { record, unlockState }, now }: { details: RecordDetails; now: Date }) {
  const { hold } = record;
  if (hold === null) return null;
  if (unlockState === 'requested') {
    return (
      <p class="row">
        <span class="spin turning" aria-hidden="true" /> Unlock requested …
      </p>
    );
  }
  return (
    <Notice tone="warn">
      <p>
        <strong>{HELD}</strong>
      </p>
      <p>
        {holdWords(hold.reason, record.chart?.locationName ?? null).replace(/^[^.]*\. /, '')} Locked for{' '}
        {durationText(now.getTime() - hold.since.getTime())}
        {hold.changesWaiting > 0 &&
          `; ${hold.changesWaiting} ${hold.changesWaiting === 1 ? 'update' : 'updates'} waiting`}
        .
      </p>
      {unlockState === 'delayed' && (
        <p>
          An unlock was requested, but no worker has applied it yet. It is not lost: a worker applies it as soon as one
          is running.
        </p>
      )}
    </Notice>
  );
}

/** Returns the status as one sentence, which screen readers announce when it changes. */
export function recordStatusText({ record, referral, unlockState }: RecordDetails): string {
  if (unlockState === 'requested') return 'Unlock requested.';
  if (unlockState === 'unlocked') return 'Unlocked. Pulling the chart.';
  if (record.status === 'synced' && referral?.status === 'open') return 'Linked. Referral created.';
  return statusLabel[record.status].text;
}
