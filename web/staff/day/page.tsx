import { shiftDay } from '../../../domain/calendar.ts';
import { countDischarges, type Discharge } from '../../../domain/day.ts';
import type { Trends } from '../../../domain/trends.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Select } from '../../ui/fields.tsx';
import { Title } from '../../ui/parts.tsx';
import { Calendar, type CalendarProps } from './calendar.tsx';
import { Counts } from './counts.tsx';
import { classLabels, longDay } from './labels.ts';
import { Patients } from './patients.tsx';
import { type DayFilters, dayAddress, NO_LOCATION } from './query.ts';
import { TrendCharts } from './trends.tsx';

interface DayPageProps extends CalendarProps {
  instances: readonly string[];
  discharges: readonly Discharge[];
  /** The patients of the chosen number; null unless one is chosen. */
  listed: { records: readonly RecordDocument[]; more: boolean } | null;
  trends: Trends;
}

/** The discharges of one day, and how they went lately. */
export function DayPage({ filters, instances, discharges, listed, trends, ...calendar }: DayPageProps) {
  const { on, instance } = filters;
  const { today, firstDay } = calendar;
  const { discharged, classes, open } = countDischarges(discharges);
  return (
    <>
      <Title
        text={longDay(on)}
        under={
          discharged === 0
            ? 'Nobody was discharged.'
            : `${discharged} discharged, ${classes.referred} referred, ${open} still open.`
        }
      />
      <div class="filters screen">
        <nav aria-label="Days" class="buttons">
          {(firstDay === null || on > firstDay) && (
            <a class="button" rel="prev" href={dayAddress(filters, { on: shiftDay(on, -1) })}>
              Previous day
            </a>
          )}
          {on < today && (
            <a class="button" rel="next" href={dayAddress(filters, { on: shiftDay(on, 1) })}>
              Next day
            </a>
          )}
          {on !== today && <a href={dayAddress(filters, { on: '' })}>Today</a>}
        </nav>
        <form class="filters" method="get" action="/day" aria-label="Day">
          <div class="field">
            <label for="f-on">Day</label>
            <input id="f-on" name="on" type="date" value={on} max={today} />
          </div>
          {instances.length > 1 && (
            <Select
              {...{ name: 'instance', label: 'KIPU connection', all: 'all', chosen: instance }}
              choices={instances.map((value) => ({ value, words: value }))}
            />
          )}
          <div class="buttons">
            <button type="submit">Show</button>
          </div>
        </form>
      </div>
      {discharged > 0 && <Counts filters={filters} discharges={discharges} />}
      {listed !== null && (
        <Patients
          title={listTitle(filters)}
          discharges={new Map(discharges.map((one) => [one.record, one]))}
          {...listed}
        />
      )}
      <p class="soft small">
        Days are those of each location’s time zone. Test charts and charts deleted in KIPU are not counted.
      </p>
      <Calendar filters={filters} {...calendar} />
      <TrendCharts trends={trends} filters={filters} />
    </>
  );
}

function listTitle({ list, location }: DayFilters): string {
  const what =
    list === 'destination'
      ? 'With a destination'
      : list === undefined || list === 'all'
        ? 'Discharged'
        : classLabels[list];
  return location === '' ? what : `${what}: ${location === NO_LOCATION ? 'no location' : location}`;
}
