import { durationText } from '../../../domain/time.ts';
import type { Period, Trends } from '../../../domain/trends.ts';
import { BarChart } from './barChart.tsx';
import { shortDay } from './labels.ts';
import { type DayFilters, dayAddress } from './query.ts';

/** How discharges went in the last days: time to referral, lock rate, destinations. */
export function TrendCharts({ trends, filters }: { trends: Trends; filters: DayFilters }) {
  const { whole, weeks, destinations } = trends;
  const days = Number(filters.days);
  const { median, p90, measured } = whole.times;
  return (
    <section class="sheet screen" aria-labelledby="trends">
      <div class="row apart">
        <h2 id="trends">
          The {days} days to {shortDay(whole.to)}
        </h2>
        <nav aria-label="Length of the trends">
          <ul class="tabs">
            {(['30', '90'] as const).map((one) => (
              <li key={one}>
                <a
                  href={`${dayAddress(filters, { days: one === '30' ? '' : one })}#trends`}
                  aria-current={one === filters.days ? 'true' : undefined}
                >
                  {one} days
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      <p>
        {whole.discharged.toLocaleString('en-US')} discharged. From discharge to referral: {spanText(median)} in the
        median, {spanText(p90)} for nine of ten. Locked: {rateText(whole)}.
      </p>
      <div class="cards">
        <BarChart
          {...{ id: 'times', title: 'Time from discharge to referral', of: 'Week', series: ['Median', 'Nine of ten'] }}
          description={`By week. Over all ${days} days ${spanText(median)} in the median and ${spanText(p90)} for nine of ten, of ${measured} referrals.`}
          rows={weeks.map((week) => ({
            label: weekName(week),
            values: [week.times.median, week.times.p90],
            texts: [spanText(week.times.median), spanText(week.times.p90)],
          }))}
        />
        <BarChart
          {...{ id: 'locks', title: 'Share of discharges that were locked', of: 'Week', series: ['Locked'] }}
          description={`By week. Over all ${days} days ${rateText(whole)}.`}
          rows={weeks.map((week) => ({
            label: weekName(week),
            values: [week.discharged === 0 ? null : week.locked / week.discharged],
            texts: [rateText(week)],
          }))}
        />
        <BarChart
          {...{ id: 'places', title: 'Destinations', of: 'Destination', series: ['Patients'] }}
          description={
            destinations.length === 0
              ? 'No chart names a destination.'
              : `The most frequent is ${destinations[0]?.name ?? 'another'}, ${destinations[0]?.n ?? 0} times.`
          }
          rows={destinations.map(({ name, n }) => ({
            label: name ?? 'All others',
            values: [n],
            texts: [n.toLocaleString('en-US')],
          }))}
        />
      </div>
      <p class="soft small">
        Times count from the discharge to the first referral, 0 where the referral was first. Discharges without a time
        of day, and those before the first sync, are left out of them. Transfers inside are no destinations.
      </p>
    </section>
  );
}

function weekName({ from, to }: Period): string {
  return from === to ? shortDay(from) : `${shortDay(from)} – ${shortDay(to)}`;
}

function spanText(ms: number | null): string {
  return ms === null ? 'none' : durationText(ms);
}

function rateText({ discharged, locked }: Pick<Period, 'discharged' | 'locked'>): string {
  return discharged === 0 ? 'none' : `${Math.round((100 * locked) / discharged)} % (${locked} of ${discharged})`;
}
