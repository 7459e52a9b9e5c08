import { faultAdvice } from '../../../domain/fault.ts';
import { holdWords } from '../../../domain/lock.ts';
import { durationText } from '../../../domain/time.ts';
import { HELD, statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Panel } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import { askText } from '../contacts.ts';
import type { RecordDetails } from './facts.ts';
import { texts } from './texts.ts';

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
            {texts.unlock}
          </a>
        </p>
      )}
      {unlockState === 'held' && !mayUnlock && <p class="soft">{texts.viewOnly}</p>}
      {status === 'unlocked' && (
        <p class="row">
          <span class="spin turning" aria-hidden="true" /> {texts.pulling}
        </p>
      )}
      {status === 'synced' && <p>{texts.automatic}</p>}
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

function HoldNotice({ details: { record, unlockState, contact }, now }: { details: RecordDetails; now: Date }) {
  const { hold } = record;
  if (hold === null) return null;
  if (unlockState === 'requested') {
    return (
      <p class="row">
        <span class="spin turning" aria-hidden="true" /> {texts.unlockRequested}
      </p>
    );
  }
  return (
    <Notice tone="warn">
      <p>
        <strong>{HELD}</strong>
      </p>
      <p>
        {holdWords(hold.reason, record.chart?.locationName ?? null).replace(/^[^.]*\. /, '')}{' '}
        {texts.lockedFor(durationText(now.getTime() - hold.since.getTime()))}
        {hold.changesWaiting > 0 && `; ${texts.updatesWaiting(hold.changesWaiting)}`}.
      </p>
      {contact !== null && (
        <p>
          <bdi>{askText(contact)}</bdi>
        </p>
      )}
      {unlockState === 'delayed' && <p>{texts.unlockDelayed}</p>}
    </Notice>
  );
}

/** Returns the status as one sentence, which screen readers announce when it changes. */
export function recordStatusText({ record, referral, unlockState }: RecordDetails): string {
  if (unlockState === 'requested') return texts.said.requested;
  if (unlockState === 'unlocked') return texts.said.unlocked;
  if (record.status === 'synced' && referral?.status === 'open') return texts.said.referral;
  return statusLabel[record.status].text;
}
