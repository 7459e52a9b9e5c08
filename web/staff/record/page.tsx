import { missingFields } from '../../../domain/chart.ts';
import { fieldLabels, outcomeLabels, patientName } from '../../ui/labels.ts';
import { Title } from '../../ui/parts.tsx';
import { AfterUnlock, type LeftLocked } from './afterUnlock.tsx';
import { Disclosures } from './disclosures.tsx';
import type { RecordDetails } from './facts.ts';
import { Linked, recordStatusText } from './linked.tsx';
import { Patient, Readiness } from './patient.tsx';
import { Referral } from './referral.tsx';
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
      />
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
  const { record, referral, unlockState } = details;
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
        <Referral referral={referral} none={noReferralText(details)} now={now} />
        <Disclosures details={details} mayEdit={mayUnlock} now={now} />
        <Patient record={record} />
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
  if (unlockState === 'unlocked' || unlockState === 'requested') return 'The referral follows once the chart is read.';
  if (hold !== null) return 'No referral yet: it is created after EMR updates are unlocked.';
  if (status === 'notReady' && chart !== null) {
    const missing = missingFields(chart).map((field) => fieldLabels[field].toLowerCase());
    return `No referral yet: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing in KIPU.`;
  }
  if (lastPull === null) return 'No referral yet: the chart has not been read.';
  if (status === 'synced') return 'No referral: the chart names no destination.';
  return `No referral: ${outcomeLabels[lastPull.outcome]}.`;
}
