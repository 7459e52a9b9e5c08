import { laterDay, monthDays, monthOf, monthWeeks, shiftDay } from '../../../domain/calendar.ts';
import type { DayCounts } from '../../../domain/day.ts';
import { longDay, monthName } from './labels.ts';
import { type DayFilters, dayAddress } from './query.ts';
import { calendarTexts } from './texts.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export interface CalendarProps {
  filters: DayFilters & { on: string };
  today: string;
  /** The first day that the first run listed; null before any run. */
  firstDay: string | null;
  /** By day, of the month of the shown day. */
  counts: ReadonlyMap<string, DayCounts>;
}

/** The month of the shown day, with a mark where something is open. */
export function Calendar({ filters, today, firstDay, counts }: CalendarProps) {
  const month = monthOf(filters.on);
  const { first, last } = monthDays(month);
  const before = shiftDay(first, -1);
  const after = shiftDay(last, 1);
  const earliest = firstDay ?? today;
  return (
    <section class="sheet screen" aria-labelledby="month">
      <div class="row apart">
        {monthOf(before) >= monthOf(earliest) ? (
          <a class="button" href={dayAddress(filters, { on: laterDay(before, earliest) })}>
            Previous month
          </a>
        ) : (
          <span class="soft">Previous month</span>
        )}
        <h2 id="month">{monthName(month)}</h2>
        {after <= today ? (
          <a class="button" href={dayAddress(filters, { on: after })}>
            Next month
          </a>
        ) : (
          <span class="soft">Next month</span>
        )}
      </div>
      <table class="calendar">
        <caption class="hidden">{calendarTexts.caption(monthName(month))}</caption>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {monthWeeks(month).map((week, n) => (
            <tr key={week.find((day) => day !== null) ?? n}>
              {week.map((day, weekday) => (
                <td key={day ?? WEEKDAYS[weekday]}>
                  {day !== null && (
                    <Day
                      day={day}
                      filters={filters}
                      counts={counts.get(day)}
                      isLinked={day >= earliest && day <= today}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft small">{calendarTexts.legend}</p>
    </section>
  );
}

function Day(props: { day: string; filters: DayFilters; counts: DayCounts | undefined; isLinked: boolean }) {
  const { day, filters, counts, isLinked } = props;
  const number = Number(day.slice(8));
  if (!isLinked) return <span class="soft">{number}</span>;
  const [discharged, open] = [counts?.discharged ?? 0, counts?.open ?? 0];
  return (
    <a href={dayAddress(filters, { on: day })} aria-current={day === filters.on ? 'date' : undefined}>
      {number}
      {open > 0 && (
        <span class="open" aria-hidden="true">
          ●
        </span>
      )}
      <small aria-hidden="true">{discharged > 0 ? discharged : ''}</small>
      <span class="hidden">{calendarTexts.day(longDay(day), discharged, open)}</span>
    </a>
  );
}
