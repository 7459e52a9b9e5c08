import { localDates } from '../../../client/recordViews.ts';
import { cleanDestination } from '../../../domain/destination.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { holdReasonLabels, statusLabel } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { ChartDate, span } from '../../ui/times.tsx';
import { patientName } from '../people.ts';

export interface HeldTableProps {
  caption: string;
  records: readonly RecordDocument[];
  now: Date;
  /** Boxes to choose records by; ticked or not. Without it there are none. */
  boxes?: 'ticked' | 'open';
  /** Shows how each stands: for a list of more than holds. */
  status?: boolean;
}

/** Stays in a table. */
export function HeldTable({ caption, records, now, boxes, status = false }: HeldTableProps) {
  return (
    <div class="tableSheet">
      <table class="table">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {boxes && (
              <th scope="col" class="pick">
                <span class="hidden">Choose</span>
              </th>
            )}
            <th scope="col">Patient</th>
            <th scope="col">Discharged</th>
            <th scope="col">Location</th>
            <th scope="col">Going to</th>
            <th scope="col">{status ? 'Status' : 'Why it is held'}</th>
            <th scope="col">Held for</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Stay key={record._id} record={record} now={now} boxes={boxes} status={status} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Stay({
  record,
  now,
  boxes,
  status,
}: Pick<HeldTableProps, 'now' | 'boxes' | 'status'> & { record: RecordDocument }) {
  const { _id, instance, chart, hold } = record;
  return (
    <tr>
      {boxes && (
        <td class="pick" data-label="Choose">
          {hold !== null && (
            <label>
              <input type="checkbox" name="recordId" value={_id} checked={boxes === 'ticked'} />
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
          <span class="soft">{chart?.mrNumber ?? 'no record number'}</span>
        </span>
      </td>
      <td data-label="Discharged">
        <ChartDate date={localDates(record).discharge} />
      </td>
      <td data-label="Location">
        <span>
          {chart?.locationName ?? <span class="soft">none</span>}
          <span class="soft">{instance}</span>
        </span>
      </td>
      <td data-label="Going to">
        <bdi>{cleanDestination(chart?.destination ?? null) || <span class="soft">not named</span>}</bdi>
      </td>
      <td data-label={status ? 'Status' : 'Why'}>
        {status ? <Mark said={statusLabel[record.status]} /> : <span>{hold && holdReasonLabels[hold.reason]}</span>}
      </td>
      <td data-label="Held for">
        {hold === null ? (
          <span class="soft">–</span>
        ) : (
          <span>
            {span(now.getTime() - hold.since.getTime())}
            {hold.changesWaiting > 0 && (
              <span class="soft">
                {hold.changesWaiting} {hold.changesWaiting === 1 ? 'change waits' : 'changes wait'}
              </span>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}
