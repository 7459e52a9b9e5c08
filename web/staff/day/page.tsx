import { shiftDay } from '../../../domain/calendar.ts';
import { countDischarges, type Discharge } from '../../../domain/day.ts';
import type { Trends } from '../../../domain/trends.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Select } from '../../ui/fields.tsx';
import { Title } from '../../ui/parts.tsx';
import type { ZoneOf } from '../zones.ts';
import { Calendar, type CalendarProps } from './calendar.tsx';
import { Counts } from './counts.tsx';
import { classLabels, longDay } from './labels.ts';
import { Patients } from './patients.tsx';
import { type DayFilters, dayAddress, NO_LOCATION } from './query.ts';
import { texts } from './texts.ts';
import { TrendCharts } from './trends.tsx';

interface DayPageProps extends CalendarProps {
  instances: readonly string[];
  discharges: readonly Discharge[];
  /** The patients of the chosen number; null unless one is chosen. */
  listed: { records: readonly RecordDocument[]; more: boolean } | null;
  trends: Trends;
  zoneOf: ZoneOf;
  now: Date;
}

/** The discharges of one day, and how they went lately. */
export function DayPage({ filters, instances, discharges, listed, trends, zoneOf, now, ...calendar }: DayPageProps) {
  const { on, instance } = filters;
  const { today, firstDay } = calendar;
  const total = countDischarges(discharges);
  return (
    <>
      <Title text={longDay(on)} under={texts.under(total)} />
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
      {total.discharged > 0 && <Counts filters={filters} discharges={discharges} />}
      {listed !== null && (
        <Patients
          title={listTitle(filters)}
          discharges={new Map(discharges.map((one) => [one.record, one]))}
          {...listed}
          {...{ zoneOf, now }}
        />
      )}
      <p class="soft small">{texts.whatCounts}</p>
      <Calendar filters={filters} {...calendar} />
      <TrendCharts trends={trends} filters={filters} />
    </>
  );
}

function listTitle({ list, location }: DayFilters): string {
  const what =
    list === 'destination'
      ? texts.withDestination
      : list === undefined || list === 'all'
        ? 'Discharged'
        : classLabels[list];
  return location === '' ? what : texts.listAt(what, location === NO_LOCATION ? 'no location' : location);
}
