import { localDates } from '../../../client/recordViews.ts';
import { cleanDestination } from '../../../domain/destination.ts';
import { shownLevelOfCare } from '../../../domain/levelOfCare.ts';
import { missingFields, requiredFields } from '../../../domain/readiness.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { fieldLabels } from '../../ui/labels.ts';
import { Fact, Mark, Panel } from '../../ui/parts.tsx';
import { ChartDate } from '../../ui/times.tsx';

/** The patient and the stay, as the chart said when it was last read. */
export function Patient({ record }: { record: RecordDocument }) {
  const { chart, instance } = record;
  const { admission, discharge } = localDates(record);
  if (chart === null) {
    return (
      <Panel title="Patient" id="patient">
        <p class="soft">The chart was not read yet, or nothing of it is kept.</p>
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
          <ChartDate date={chart.dob} />
        </Fact>
        <Fact name="Medical record number">{bdi(chart.mrNumber)}</Fact>
        <Fact name="Instance">{instance}</Fact>
        <Fact name="Location">{bdi(chart.locationName)}</Fact>
        <Fact name="Program">{bdi(chart.program)}</Fact>
        <Fact name="Level of care">{bdi(shownLevelOfCare(chart.levelOfCare))}</Fact>
        <Fact name="Admitted">
          <ChartDate date={admission} />
        </Fact>
        <Fact name="Discharged">
          <ChartDate date={discharge} />
        </Fact>
        <Fact name="Discharge type">{bdi(chart.dischargeType)}</Fact>
        <Fact name="Discharge/Transition To">{bdi(cleanDestination(chart.destination) || null)}</Fact>
      </dl>
    </Panel>
  );
}

/** What must be there before a referral can be made. */
export function Readiness({ record: { chart } }: { record: RecordDocument }) {
  if (chart === null) return null;
  const missing = missingFields(chart);
  return (
    <Panel title="Readiness" id="readiness">
      {missing.length === 0 ? (
        <p>
          <Mark said={{ text: 'Ready', tone: 'good' }} /> Everything that a referral needs is there.
        </p>
      ) : (
        <>
          <p>
            <Mark said={{ text: 'Not ready', tone: 'warn' }} /> Fill in what is missing in KIPU; the next run sees it.
          </p>
          <ul class="checks">
            {requiredFields.map((fact) => (
              <li key={fact} class={missing.includes(fact) ? 'lacks' : 'has'}>
                {fieldLabels[fact]}
                <span class="hidden">{missing.includes(fact) ? ': missing' : ': there'}</span>
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
