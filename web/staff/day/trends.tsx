import { durationText } from '../../../domain/time.ts';
import type { Period, Trends } from '../../../domain/trends.ts';
import { BarChart } from './barChart.tsx';
import { shortDay } from './labels.ts';
import { type DayFilters, dayAddress } from './query.ts';
import { trendTexts } from './texts.ts';

/** How discharges went in the last days: time to referral, lock rate, destinations. */
export function TrendCharts({ trends, filters }: { trends: Trends; filters: DayFilters }) {
  const { whole, weeks, destinations } = trends;
  const days = Number(filters.days);
  const { median, p90, measured } = whole.times;
  return (
    <section class="sheet screen" aria-labelledby="trends">
      <div class="row apart">
        <h2 id="trends">{trendTexts.title(days, shortDay(whole.to))}</h2>
        <nav aria-label={trendTexts.navigation}>
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
        {measured === 0
          ? trendTexts.summaryWithoutTimes(whole.discharged, rateText(whole))
          : trendTexts.summary(whole.discharged, {
              median: spanText(median),
              p90: spanText(p90),
              rate: rateText(whole),
            })}
      </p>
      <div class="cards">
        {measured > 0 && (
          <BarChart
            {...{ id: 'times', title: trendTexts.times, of: 'Week', series: ['Median', 'Nine of ten'] }}
            description={trendTexts.timesInWords(days, spanText(median), spanText(p90), measured)}
            rows={weeks.map((week) => ({
              label: weekName(week),
              values: [week.times.median, week.times.p90],
              texts: [spanText(week.times.median), spanText(week.times.p90)],
            }))}
          />
        )}
        <BarChart
          {...{ id: 'locks', title: trendTexts.locks, of: 'Week', series: ['Locked'] }}
          description={trendTexts.locksInWords(days, rateText(whole))}
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
              ? trendTexts.noDestination
              : trendTexts.mostFrequent(destinations[0]?.name ?? 'another', destinations[0]?.n ?? 0)
          }
          rows={destinations.map(({ name, n }) => ({
            label: name ?? 'All others',
            values: [n],
            texts: [n.toLocaleString('en-US')],
          }))}
        />
      </div>
      <p class="soft small">{trendTexts.whatCounts}</p>
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
  return discharged === 0 ? 'none' : trendTexts.rate(Math.round((100 * locked) / discharged), locked, discharged);
}
