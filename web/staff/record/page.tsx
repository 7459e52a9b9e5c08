import { outcomeLabels } from '../../ui/labels.ts';
import { Panel, Title } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';
import { patientName } from '../people.ts';
import type { RecordDetails } from './facts.ts';
import { Linked, recordLabel } from './linked.tsx';
import { Patient, Readiness } from './patient.tsx';
import { Referral } from './referral.tsx';
import { timeline, views } from './timeline.ts';

const VIEWS_SHOWN = 20;

export interface RecordProps {
  stay: RecordDetails;
  mayUnlock: boolean;
  now: Date;
}

/** The page of one stay. The sentence for screen readers stays where it is while the rest is replaced. */
export function RecordPage({ version, ...props }: RecordProps & { version: string }) {
  const { record } = props.stay;
  return (
    <>
      <Title
        text={patientName(record.chart)}
        under={`Intake opportunity · ${record.chart?.mrNumber ?? 'no record number'}`}
        back={record.hold === null ? { href: '/referrals', words: 'Referrals' } : { href: '/held', words: 'Held' }}
      />
      <p id="said" class="hidden" role="status">
        {recordLabel(props.stay)}
      </p>
      <StayPart {...props} version={version} />
    </>
  );
}

/** What may change by itself. While it may, it asks again: soon after an unlock, else now and then. */
function StayPart({ stay, mayUnlock, now, version }: RecordProps & { version: string }) {
  const { record, referral, moves } = stay;
  const seconds = moves === 'none' ? null : moves === 'asked' || moves === 'unlocked' ? 1 : 5;
  const polls = seconds !== null && {
    'hx-get': `/records/${record._id}/now?seen=${version}`,
    'hx-trigger': `every ${seconds}s`,
    'hx-swap': 'outerHTML',
  };
  return (
    <div class="two" id="stay" {...polls}>
      <div class="stack">
        <Linked stay={stay} mayUnlock={mayUnlock} now={now} />
        <Referral referral={referral} none={noReferral(stay)} now={now} />
        <Patient record={record} />
        <Readiness record={record} />
      </div>
      <div class="stack">
        <TimeLine stay={stay} now={now} />
        <Views stay={stay} now={now} />
      </div>
    </div>
  );
}

/** The part as it is sent alone, and the sentence for screen readers with it. */
export function RecordStatusPart(props: RecordProps & { version: string }) {
  return (
    <>
      <StayPart {...props} />
      <p id="said" hx-swap-oob="innerHTML">
        {recordLabel(props.stay)}
      </p>
    </>
  );
}

function TimeLine({ stay, now }: { stay: RecordDetails; now: Date }) {
  return (
    <Panel title="What happened" id="line">
      <ol class="line" reversed>
        {timeline(stay).map(({ at, tone, what, more }) => (
          <li key={`${at.getTime()} ${what}`} class={tone}>
            {what}
            <span class="soft small">
              {' '}
              <When at={at} now={now} />
            </span>
            {more !== undefined && (
              <div class="soft">
                <bdi>{more}</bdi>
              </div>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Views({ stay, now }: { stay: RecordDetails; now: Date }) {
  const seen = views(stay.audit);
  return (
    <details class="sheet">
      <summary>Who looked at this page ({seen.length})</summary>
      <ul class="plainList small">
        {seen.slice(0, VIEWS_SHOWN).map(({ _id, who, at }) => (
          <li key={_id}>
            <bdi>{who}</bdi>, <When at={at} now={now} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function noReferral({ record, moves }: RecordDetails): string {
  if (moves === 'unlocked' || moves === 'asked') return 'It follows when the chart is read.';
  if (record.hold !== null) return 'None yet: it is made when EMR updates are unlocked.';
  if (record.status === 'notReady') return 'None yet: the chart lacks something.';
  if (record.lastPull !== null && record.status === 'synced')
    return 'None: the chart names no destination to refer to.';
  return `None${record.lastPull === null ? ': the chart was not read yet' : ` (${outcomeLabels[record.lastPull.outcome]})`}.`;
}
