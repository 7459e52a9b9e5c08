import { localDates } from '../../../client/recordViews.ts';
import type { Discharge } from '../../../domain/day.ts';
import { dischargeClass } from '../../../domain/day.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { patientName } from '../../ui/labels.ts';
import { Panel } from '../../ui/parts.tsx';
import { ChartDate, Day } from '../../ui/times.tsx';
import { recordZone, type ZoneOf } from '../zones.ts';
import { classLabels } from './labels.ts';

interface PatientsProps {
  zoneOf: ZoneOf;
  now: Date;
  /** What is listed, in words. */
  title: string;
  records: readonly RecordDocument[];
  discharges: ReadonlyMap<string, Discharge>;
  more: boolean;
}

/** The patients behind a number. */
export function Patients({ title, records, discharges, more, zoneOf, now }: PatientsProps) {
  return (
    <Panel title={title} id="patients">
      {more && <p>There are more: choose a location, or a number of one class.</p>}
      {records.length === 0 ? (
        <p class="empty">Nobody.</p>
      ) : (
        <table class="table words">
          <caption class="hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">Discharged</th>
              <th scope="col">Location</th>
              <th scope="col">Destination</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {records.map((record) => (
              <Patient key={record._id} {...{ record, zoneOf, now }} discharge={discharges.get(record._id)} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

interface PatientProps extends Pick<PatientsProps, 'zoneOf' | 'now'> {
  record: RecordDocument;
  discharge: Discharge | undefined;
}

function Patient({ record, discharge, zoneOf, now }: PatientProps) {
  const { _id, instance, chart } = record;
  return (
    <tr>
      <td class="name" data-label="Patient">
        <span>
          <a href={`/records/${_id}`}>
            <bdi>{patientName(chart)}</bdi>
          </a>
          <span class="soft">
            born <Day day={chart?.dob ?? null} />
          </span>
          <span class="soft">{chart?.mrNumber ?? 'no MR number'}</span>
        </span>
      </td>
      <td data-label="Discharged">
        <ChartDate date={localDates(record).discharge} zone={recordZone(zoneOf, record)} now={now} />
      </td>
      <td data-label="Location">
        <span>
          {chart?.locationName ?? <span class="soft">none</span>}
          <span class="soft">{instance}</span>
        </span>
      </td>
      <td data-label="Destination">
        <bdi>{discharge?.destination || <span class="soft">not named</span>}</bdi>
      </td>
      <td data-label="State">{discharge && classLabels[dischargeClass(discharge)]}</td>
    </tr>
  );
}
