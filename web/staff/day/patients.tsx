import { localDates } from '../../../client/recordViews.ts';
import { type Discharge, dischargeClass } from '../../../domain/day.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Panel } from '../../ui/parts.tsx';
import { ChartDate } from '../../ui/times.tsx';
import { PatientCell } from '../identity.tsx';
import { recordZone, type ZoneOf } from '../zones.ts';
import { classLabels } from './labels.ts';
import { texts } from './texts.ts';

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
      {more && <p>{texts.moreListed}</p>}
      {records.length === 0 ? (
        <p class="empty">{texts.nobody}</p>
      ) : (
        <table class="table of-discharges words">
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
  const { instance, chart } = record;
  return (
    <tr>
      <td class="name">
        <span>
          <PatientCell record={record} />
        </span>
      </td>
      <td>
        <ChartDate date={localDates(record).discharge} zone={recordZone(zoneOf, record)} now={now} />
      </td>
      <td>
        <span>
          {chart?.locationName ?? <span class="soft">none</span>}
          <small>{instance}</small>
        </span>
      </td>
      <td>
        <bdi>{discharge?.destination || <span class="soft">not named</span>}</bdi>
      </td>
      <td>{discharge && classLabels[dischargeClass(discharge)]}</td>
    </tr>
  );
}
