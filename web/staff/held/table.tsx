import { localDates } from '../../../client/recordViews.ts';
import { shownLevelOfCare } from '../../../domain/chart.ts';
import { cleanDestination } from '../../../domain/referral.ts';
import { DEFAULT_ZONE, daysSince, durationText } from '../../../domain/time.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import type { HeldOrder } from '../../../store/recordLists.ts';
import { holdReasonLabels, type Label, patientName } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { bornText, ChartDate } from '../../ui/times.tsx';
import { askText, type ContactOf } from '../contacts.ts';
import { recordZone, type ZoneOf } from '../zones.ts';
import { texts } from './texts.ts';

interface HeldTableProps {
  caption: string;
  records: readonly RecordDocument[];
  zoneOf: ZoneOf;
  contactOf: ContactOf;
  now: Date;
  /** Adds check boxes that select records. */
  boxes?: 'checked' | 'unchecked';
  /** The order of the list, and the address of the list in another order. */
  sorted?: { by: HeldOrder; href: (order: HeldOrder) => string };
}

/** A table of locked records. */
export function HeldTable({ caption, records, zoneOf, contactOf, now, boxes, sorted }: HeldTableProps) {
  return (
    <div class="tableSheet">
      <table class="table of-locked">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {boxes && (
              <th scope="col" class="pick">
                <span class="hidden">Select</span>
                {/* Shown by the script of the pages. */}
                <input type="checkbox" data-pick-all="" aria-label={texts.selectPage} hidden />
              </th>
            )}
            <Heading order="name" words="Patient" sorted={sorted} />
            <Heading order="discharge" words="Days since discharge" sorted={sorted} />
            <th scope="col">Location</th>
            <th scope="col">Destination</th>
            <th scope="col">Reason</th>
            <Heading order="held" words="Locked for" sorted={sorted} />
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Row key={record._id} {...{ record, zoneOf, contactOf, now, boxes }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A column heading, which sorts the list by its column where the list can be sorted. */
function Heading({ order, words, sorted }: { order: HeldOrder; words: string } & Pick<HeldTableProps, 'sorted'>) {
  if (sorted === undefined) return <th scope="col">{words}</th>;
  const current = sorted.by === order;
  // The oldest discharge is the most days ago.
  const down = order !== 'name';
  return (
    <th scope="col" aria-sort={current ? (down ? 'descending' : 'ascending') : undefined}>
      <a href={sorted.href(order)}>{words}</a>
      {current && <span aria-hidden="true">{down ? ' ↓' : ' ↑'}</span>}
    </th>
  );
}

function Row({
  record,
  zoneOf,
  contactOf,
  now,
  boxes,
}: Pick<HeldTableProps, 'zoneOf' | 'contactOf' | 'now' | 'boxes'> & { record: RecordDocument }) {
  const { _id, instance, chart, hold } = record;
  const contact = contactOf(record);
  const level = shownLevelOfCare(chart?.levelOfCare ?? null);
  return (
    <tr>
      {boxes && (
        <td class="pick">
          <label>
            <input
              {...{ type: 'checkbox', name: 'recordId', value: _id, checked: boxes === 'checked' }}
              aria-label={patientName(chart)}
            />
          </label>
        </td>
      )}
      <td class="name">
        <span>
          <a href={`/records/${_id}`}>
            <bdi>{patientName(chart)}</bdi>
          </a>
          <small>
            <bdi>{chart?.mrNumber ?? 'no MR number'}</bdi>, born {bornText(chart?.dob)}
          </small>
        </span>
      </td>
      <td>
        <span>
          <DaysSinceDischarge record={record} now={now} />
          <small>
            <ChartDate date={localDates(record).discharge} zone={recordZone(zoneOf, record)} now={now} />
          </small>
        </span>
      </td>
      <td>
        <span>
          {chart?.locationName ?? <span class="soft">none</span>}
          <small>{[instance, level].filter((text) => text !== null).join(', ')}</small>
          {contact !== null && <small class="inPrint">{askText(contact)}</small>}
        </span>
      </td>
      <td>
        <bdi>{cleanDestination(chart?.destination ?? null) || <span class="soft">not named</span>}</bdi>
      </td>
      <td>{hold && holdReasonLabels[hold.reason]}</td>
      <td>
        {hold === null ? (
          <span class="soft">–</span>
        ) : (
          <span>
            {durationText(now.getTime() - hold.since.getTime())}
            {hold.changesWaiting > 0 && <small>{texts.waiting(hold.changesWaiting)}</small>}
          </span>
        )}
      </td>
    </tr>
  );
}

/** After so many days a discharge is late, and very late. */
const LATE_DAYS = 1;
const VERY_LATE_DAYS = 3;

function DaysSinceDischarge({ record, now }: { record: RecordDocument; now: Date }) {
  const date = record.chart?.dischargeDate ?? null;
  if (date === null) return null;
  return <Mark label={daysLabel(daysSince(date, now, record.timeZone ?? DEFAULT_ZONE))} />;
}

function daysLabel(days: number): Label {
  if (days < 1) return { text: 'Today', tone: 'plain' };
  const text = days === 1 ? '1 day' : `${days} days`;
  if (days > VERY_LATE_DAYS) return { text: `${text}, very late`, tone: 'bad' };
  return days > LATE_DAYS ? { text: `${text}, late`, tone: 'warn' } : { text, tone: 'plain' };
}
