import { localDates } from '../../../client/recordViews.ts';
import { cleanDestination } from '../../../domain/referral.ts';
import { durationText } from '../../../domain/time.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { holdReasonLabels, patientName, statusLabel } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { ChartDate } from '../../ui/times.tsx';
import { recordZone, type ZoneOf } from '../zones.ts';

interface HeldTableProps {
  caption: string;
  records: readonly RecordDocument[];
  zoneOf: ZoneOf;
  now: Date;
  /** Adds check boxes that select records. */
  boxes?: 'checked' | 'unchecked';
  /** Shows the status instead of the hold reason, for lists that also contain records without a hold. */
  status?: boolean;
}

/** A table of records. */
export function HeldTable({ caption, records, zoneOf, now, boxes, status = false }: HeldTableProps) {
  return (
    <div class="tableSheet">
      <table class="table">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {boxes && (
              <th scope="col" class="pick">
                <span class="hidden">Select</span>
              </th>
            )}
            <th scope="col">Patient</th>
            <th scope="col">Discharged</th>
            <th scope="col">Location</th>
            <th scope="col">Destination</th>
            <th scope="col">{status ? 'Status' : 'Reason'}</th>
            <th scope="col">Locked for</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Row key={record._id} record={record} zoneOf={zoneOf} now={now} boxes={boxes} status={status} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  record,
  zoneOf,
  now,
  boxes,
  status,
}: Pick<HeldTableProps, 'zoneOf' | 'now' | 'boxes' | 'status'> & { record: RecordDocument }) {
  const { _id, instance, chart, hold } = record;
  return (
    <tr>
      {boxes && (
        <td class="pick" data-label="Select">
          {hold !== null && (
            <label>
              <input type="checkbox" name="recordId" value={_id} checked={boxes === 'checked'} />
              <span class="hidden">{patientName(chart)}</span>
            </label>
          )}
        </td>
      )}
      <td class="name" data-label="Patient">
        <span>
          <a href={`/records/${_id}`}>
            <bdi>{patientName(chart)}</bdi>
          </a>
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
        <bdi>{cleanDestination(chart?.destination ?? null) || <span class="soft">not named</span>}</bdi>
      </td>
      <td data-label={status ? 'Status' : 'Reason'}>
        {status ? <Mark label={statusLabel[record.status]} /> : <span>{hold && holdReasonLabels[hold.reason]}</span>}
      </td>
      <td data-label="Locked for">
        {hold === null ? (
          <span class="soft">–</span>
        ) : (
          <span>
            {durationText(now.getTime() - hold.since.getTime())}
            {hold.changesWaiting > 0 && (
              <span class="soft">
                {hold.changesWaiting} {hold.changesWaiting === 1 ? 'update' : 'updates'} waiting
              </span>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}
