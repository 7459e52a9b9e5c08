import { localDates } from '../../../client/recordViews.ts';
import { missingFields, requiredFields, shownLevelOfCare } from '../../../domain/chart.ts';
import { cleanDestination } from '../../../domain/referral.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { fieldLabels } from '../../ui/labels.ts';
import { Fact, Mark, Panel } from '../../ui/parts.tsx';
import { ChartDate, Day, PlannedDate } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';
import { texts } from './texts.ts';

/** The panel *Patient*: the patient and the stay according to the chart when it was last read. */
export function Patient({ details: { record, zone }, now }: { details: RecordDetails; now: Date }) {
  const { chart, instance } = record;
  const { admission, discharge } = localDates(record);
  if (chart === null) {
    return (
      <Panel title="Patient" id="patient">
        <p class="soft">{texts.chartNotRead}</p>
      </Panel>
    );
  }
  return (
    <Panel title="Patient" id="patient">
      <dl class="facts">
        <Fact name="First name">{bdi(chart.firstName)}</Fact>
        <Fact name="Middle name">{bdi(chart.middleName)}</Fact>
        <Fact name="Last name">{bdi(chart.lastName)}</Fact>
        <Fact name="Date of birth">
          <Day day={chart.dob} />
        </Fact>
        <Fact name="MR number">{bdi(chart.mrNumber)}</Fact>
        <Fact name="KIPU connection">{instance}</Fact>
        <Fact name="Location">{bdi(chart.locationName)}</Fact>
        <Fact name="Program">{bdi(chart.program)}</Fact>
        <Fact name="Level of care">{bdi(shownLevelOfCare(chart.levelOfCare))}</Fact>
        <Fact name="Admitted">
          <ChartDate date={admission} zone={zone} now={now} />
        </Fact>
        <Fact name="Discharged">
          <PlannedDate date={discharge} zone={zone} now={now} />
        </Fact>
        <Fact name="Discharge type">{bdi(chart.dischargeType)}</Fact>
        <Fact name="Destination (Discharge/Transition To)" wide>
          {bdi(cleanDestination(chart.destination) || null)}
        </Fact>
      </dl>
    </Panel>
  );
}

/** The panel *Readiness*: the fields that a referral requires. */
export function Readiness({ record: { chart } }: { record: RecordDocument }) {
  if (chart === null) return null;
  const missing = missingFields(chart);
  return (
    <Panel title="Readiness" id="readiness">
      {missing.length === 0 ? (
        <p>
          <Mark label={{ text: 'Ready', tone: 'good' }} /> {texts.ready}
        </p>
      ) : (
        <>
          <p>
            <Mark label={{ text: 'Not ready', tone: 'warn' }} /> {texts.notReady}
          </p>
          <ul class="checks">
            {requiredFields.map((field) => (
              <li key={field} class={missing.includes(field) ? 'missing' : undefined}>
                {fieldLabels[field]}
                <span class="hidden">{missing.includes(field) ? ': missing' : ': filled in'}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function bdi(text: string | null) {
  return text === null ? null : <bdi>{text}</bdi>;
}
