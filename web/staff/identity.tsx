import { localDates } from '../../client/recordViews.ts';
import { cleanDestination } from '../../domain/referral.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { patientName } from '../ui/labels.ts';
import { Fact } from '../ui/parts.tsx';
import { ChartDate } from '../ui/times.tsx';

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
  destination: string | null;
}

/** Returns what the unlock and other forms about one record show of its patient. */
export function identityOf(record: RecordDocument): Identity {
  const { chart } = record;
  return {
    patient: chart,
    location: chart?.locationName ?? null,
    discharged: localDates(record).discharge,
    destination: cleanDestination(chart?.destination ?? null) || null,
  };
}

/** Whom a form acts on: the name alone does not identify a patient, so date of birth and MR number are beside it. */
export function PatientIdentity({ patient, location, discharged, destination }: Identity) {
  return (
    <dl class="facts identity">
      <Fact name="Patient">
        <strong>
          <bdi>{patientName(patient)}</bdi>
        </strong>
      </Fact>
      <Fact name="Date of birth">
        <BirthDate dob={patient?.dob ?? null} />
      </Fact>
      <Fact name="MR number">{patient?.mrNumber && <bdi>{patient.mrNumber}</bdi>}</Fact>
      <Fact name="Location">{location && <bdi>{location}</bdi>}</Fact>
      <Fact name="Discharged">
        <ChartDate date={discharged} />
      </Fact>
      <Fact name="Destination">{destination && <bdi>{destination}</bdi>}</Fact>
    </dl>
  );
}

/** A date of birth. It is a day, even where KIPU sends its midnight. */
export function BirthDate({ dob }: { dob: string | null }) {
  return <ChartDate date={dob?.slice(0, 'YYYY-MM-DD'.length) ?? null} />;
}
