import { shownLevelOfCare } from '../../../domain/chart.ts';
import type { ReferralContent, ReferralRevision } from '../../../domain/referral.ts';
import { isFromBeforeDischarge } from '../../../domain/stale.ts';
import type { RecordDocument, ReferralDocument } from '../../../store/documents.ts';
import { changeLabels, referralLabel, staleTexts } from '../../ui/labels.ts';
import { Fact, Mark, Notice, Panel } from '../../ui/parts.tsx';
import { ChartDate, Day, PlannedDate, When } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';
import { texts } from './texts.ts';

interface ReferralProps {
  details: Pick<RecordDetails, 'record' | 'referral' | 'zone'>;
  /** Why there is no referral. */
  none: string;
  now: Date;
}

/** The panel *Outbound referral*: the latest revision, and the history of changes. */
export function Referral({ details, none, now }: ReferralProps) {
  const { record, referral, zone } = details;
  if (referral === null) {
    return (
      <Panel title="Outbound referral" id="referral">
        <p class="soft">{none}</p>
      </Panel>
    );
  }
  const { status, destination, facility, revisions, revisionsDropped = 0 } = referral;
  return (
    <Panel title="Outbound referral" id="referral">
      <div class="row">
        <Mark label={referralLabel[status]} />
        <strong>
          <bdi>{destination}</bdi>
        </strong>
      </div>
      <StaleNotice record={record} referral={referral} zone={zone} now={now} />
      <dl class="facts">
        <Fact name="Location">{facility.name}</Fact>
        <Fact name="Discharged">
          <PlannedDate date={referral.dischargeDate} zone={zone} now={now} />
        </Fact>
        <Fact name="Discharge type">{referral.dischargeType}</Fact>
        <Fact name="Level of care">{shownLevelOfCare(referral.levelOfCare)}</Fact>
        <Fact name="Next level of care">{shownLevelOfCare(referral.nextLevelOfCare)}</Fact>
        <Fact name="Next level of care on">
          <ChartDate date={referral.nextLevelOfCareDate} zone={zone} now={now} />
        </Fact>
      </dl>
      <h3>Changes</h3>
      <ol class="line" reversed>
        {[...revisions].reverse().map((revision) => (
          <Revision
            key={revision.revision}
            revision={revision}
            before={revisions.find((one) => one.revision === revision.revision - 1)}
            zone={zone}
            now={now}
          />
        ))}
      </ol>
      {revisionsDropped > 0 && <p class="soft">{texts.changesDropped(revisionsDropped)}</p>}
    </Panel>
  );
}

type StaleProps = { record: RecordDocument; referral: ReferralDocument; zone: string; now: Date };

/** Says that the referral is older than the chart, which is locked or has not been pulled since it was unlocked. */
function StaleNotice({ record: { hold, status }, referral, zone, now }: StaleProps) {
  if ((hold === null && status !== 'unlocked') || referral.status === 'void') return null;
  const waiting = hold?.changesWaiting ?? 0;
  return (
    <Notice tone="warn">
      <p>
        <strong>{staleTexts[isFromBeforeDischarge(referral, zone) ? 'discharge' : 'lock']}</strong>{' '}
        {hold === null ? staleTexts.pulling : staleTexts.unlock}
        {waiting > 0 && ` ${staleTexts.waiting(waiting)}`}
      </p>
      <p class="soft">
        Last changed <When at={referral.updatedAt} zone={zone} now={now} />
      </p>
    </Notice>
  );
}

function Revision(props: {
  revision: ReferralRevision;
  before: ReferralRevision | undefined;
  zone: string;
  now: Date;
}) {
  const { revision, before, zone, now } = props;
  const changed = differences(before, revision);
  const shown = (kind: FieldKind, value: string | null) => {
    if (kind === 'date') return <ChartDate date={value} zone={zone} now={now} />;
    return kind === 'day' ? <Day day={value} /> : <bdi>{value ?? 'none'}</bdi>;
  };
  return (
    <li class={revision.status === 'open' ? 'good' : 'plain'}>
      <strong>{changeLabels[revision.change]}</strong>{' '}
      <span class="soft">
        <When at={revision.at} zone={zone} now={now} />
      </span>
      {changed.length > 0 && (
        <ul class="changes">
          {changed.map(({ name, kind, before: was, after }) => (
            <li key={name}>
              {name}: <del>{shown(kind, was)}</del> → <ins>{shown(kind, after)}</ins>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

type FieldKind = 'text' | 'date' | 'day';

/** A field that differs between two revisions; null means it is empty. */
interface Difference {
  name: string;
  kind: FieldKind;
  before: string | null;
  after: string | null;
}

const fields: readonly [name: string, of: (content: ReferralContent) => string | null, kind?: FieldKind][] = [
  ['Destination', ({ destination }) => destination],
  ['MR number', ({ patient }) => patient.mrNumber],
  ['First name', ({ patient }) => patient.firstName],
  ['Middle name', ({ patient }) => patient.middleName],
  ['Last name', ({ patient }) => patient.lastName],
  ['Date of birth', ({ patient }) => patient.dob, 'day'],
  ['Location', ({ facility }) => facility.name],
  ['Admission', ({ admissionDate }) => admissionDate, 'date'],
  ['Discharge', ({ dischargeDate }) => dischargeDate, 'date'],
  ['Discharge type', ({ dischargeType }) => dischargeType],
  ['Level of care', ({ levelOfCare }) => shownLevelOfCare(levelOfCare)],
  ['Next level of care', ({ nextLevelOfCare }) => shownLevelOfCare(nextLevelOfCare)],
  ['Next level of care on', ({ nextLevelOfCareDate }) => nextLevelOfCareDate, 'date'],
];

/** Returns the fields that differ from the revision before; none for the first revision. */
export function differences(before: ReferralRevision | undefined, after: ReferralRevision): Difference[] {
  if (before === undefined) return [];
  return fields
    .map(([name, of, kind = 'text']) => ({ name, kind, before: of(before) ?? null, after: of(after) ?? null }))
    .filter((one) => one.before !== one.after);
}
