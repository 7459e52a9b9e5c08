import { missingFields } from '../../../domain/chart.ts';
import { fieldLabels, insideSentence, outcomeLabels, patientName } from '../../ui/labels.ts';
import { Title } from '../../ui/parts.tsx';
import { AfterUnlock, type LeftLocked } from './afterUnlock.tsx';
import { Disclosures } from './disclosures.tsx';
import type { RecordDetails } from './facts.ts';
import { Linked, recordStatusText } from './linked.tsx';
import { Patient, Readiness } from './patient.tsx';
import { Referral } from './referral.tsx';
import { texts } from './texts.ts';
import { Timeline, Views } from './timeline.tsx';

export interface RecordProps {
  details: RecordDetails;
  mayUnlock: boolean;
  /** Whether the user may see the audit. */
  mayAudit: boolean;
  now: Date;
}

/** The page of one record. The status text for screen readers stays in place while the rest is replaced. */
export function RecordPage({ version, left, ...props }: RecordProps & { version: string; left: LeftLocked | null }) {
  const { record } = props.details;
  return (
    <>
      <Title
        text={patientName(record.chart)}
        under={`Intake opportunity · ${record.chart?.mrNumber ?? 'no MR number'}`}
        back={
          record.hold === null && left === null
            ? { href: '/referrals', words: 'Referrals' }
            : { href: '/held', words: 'Locked records' }
        }
      >
        {props.details.chartUrl !== null && (
          <a class="button" href={props.details.chartUrl} rel="noreferrer">
            {texts.openChart}
          </a>
        )}
      </Title>
      <p id="said" class="hidden" role="status">
        {recordStatusText(props.details)}
      </p>
      {left !== null && <AfterUnlock left={left} />}
      <Panels {...props} version={version} />
    </>
  );
}

/** Everything that can change while the page is open. It polls: every second after an unlock, otherwise less often. */
function Panels({ details, mayUnlock, mayAudit, now, version }: RecordProps & { version: string }) {
  const { record, unlockState } = details;
  const seconds = { none: null, held: 5, requested: 1, delayed: 5, unlocked: 1 }[unlockState];
  const polls = seconds !== null && {
    'hx-get': `/records/${record._id}/now?seen=${version}`,
    'hx-trigger': `every ${seconds}s`,
    'hx-swap': 'outerHTML',
  };
  return (
    <div class="two" id="record" {...polls}>
      <div class="stack">
        <Linked details={details} mayUnlock={mayUnlock} now={now} />
        <Referral details={details} none={noReferralText(details)} now={now} />
        <Disclosures details={details} mayEdit={mayUnlock} now={now} />
        <Patient details={details} now={now} />
        <Readiness record={record} />
      </div>
      <div class="stack">
        <Timeline details={details} now={now} />
        <Views details={details} mayAudit={mayAudit} now={now} />
      </div>
    </div>
  );
}

/** The part that is sent to a page that polls, with the status text for screen readers. */
export function RecordStatusPart(props: RecordProps & { version: string }) {
  return (
    <>
      <Panels {...props} />
      <p id="said" hx-swap-oob="innerHTML">
        {recordStatusText(props.details)}
      </p>
    </>
  );
}

function noReferralText({ record, unlockState }: RecordDetails): string {
  const { chart, hold, lastPull, status } = record;
  if (unlockState === 'unlocked' || unlockState === 'requested') return texts.noReferral.pulling;
  if (hold !== null) return texts.noReferral.locked;
  if (status === 'notReady' && chart !== null) {
    return texts.noReferral.missing(missingFields(chart).map((field) => insideSentence(fieldLabels[field])));
  }
  if (lastPull === null) return texts.noReferral.notRead;
  if (status === 'synced') return texts.noReferral.noDestination;
  return texts.noReferral.other(outcomeLabels[lastPull.outcome]);
}
