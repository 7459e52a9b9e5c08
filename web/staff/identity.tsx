import { localDates } from '../../client/recordViews.ts';
import { cleanDestination } from '../../domain/referral.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { patientName } from '../ui/labels.ts';
import { Fact } from '../ui/parts.tsx';
import { bornText, ChartDate, Day } from '../ui/times.tsx';

interface Identity {
  /** The facts that tell one patient from another; null when no chart was read. */
  patient: {
    firstName: string | null;
    middleName?: string | null;
    lastName: string | null;
    dob: string | null;
    mrNumber: string | null;
  } | null;
  location: string | null;
  /** In the local time of the location. */
  discharged: string | null;
  /** The zone of the location. */
  zone: string;
  destination: string | null;
}

/** Returns what the unlock and other forms about one record show of its patient. */
export function identityOf(record: RecordDocument, zone: string): Identity {
  const { chart } = record;
  return {
    patient: chart,
    location: chart?.locationName ?? null,
    discharged: localDates(record).discharge,
    zone,
    destination: cleanDestination(chart?.destination ?? null) || null,
  };
}

/** Whom a form acts on: the name alone does not identify a patient, so date of birth and MR number are beside it. */
export function PatientIdentity(props: Identity & { now: Date }) {
  const { patient, location, discharged, zone, destination, now } = props;
  return (
    <dl class="facts identity">
      <Fact name="Patient">
        <strong>
          <bdi>{patientName(patient)}</bdi>
        </strong>
      </Fact>
      <Fact name="Date of birth">
        <Day day={patient?.dob ?? null} />
      </Fact>
      <Fact name="MR number">{patient?.mrNumber && <bdi>{patient.mrNumber}</bdi>}</Fact>
      <Fact name="Location">{location && <bdi>{location}</bdi>}</Fact>
      <Fact name="Discharged">
        <ChartDate date={discharged} zone={zone} now={now} />
      </Fact>
      <Fact name="Destination">{destination && <bdi>{destination}</bdi>}</Fact>
    </dl>
  );
}

/** The patient of a record in a cell of a list: the name, which links to the record, the date of birth and the MR number. */
export function PatientCell({ record: { _id, chart } }: { record: Pick<RecordDocument, '_id' | 'chart'> }) {
  return (
    <>
      <a href={`/records/${_id}`}>
        <bdi>{patientName(chart)}</bdi>
      </a>
      <small>born {bornText(chart?.dob)}</small>
      <small>{chart?.mrNumber ?? 'no MR number'}</small>
    </>
  );
}
