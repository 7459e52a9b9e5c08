import { durationText, instantIn, MINUTE_MS } from '../../domain/time.ts';
import { chartDateText, dayText, instantText, isPlanned, utcText } from '../../domain/timeText.ts';

interface InstantProps {
  at: Date | null;
  /** The IANA name of the zone in whose local time it is shown. */
  zone: string;
  now: Date;
}

/** An instant in the local time of the zone: `Mar 2, 10:00 AM PST`, with the year unless it is this year. */
export function When({ at, zone, now }: InstantProps) {
  if (at === null) return <span class="soft">never</span>;
  return (
    <time datetime={at.toISOString()} title={utcText(at)}>
      {instantText(at, zone, now)}
    </time>
  );
}

/** An instant relative to now: `12 min ago`, `in 40 min`. Its title has the local time and UTC. */
export function Ago({ at, zone, now }: InstantProps) {
  if (at === null) return <span class="soft">never</span>;
  const ms = at.getTime() - now.getTime();
  const words = Math.abs(ms) < MINUTE_MS ? 'just now' : ms < 0 ? `${durationText(-ms)} ago` : `in ${durationText(ms)}`;
  return (
    <time datetime={at.toISOString()} title={`${instantText(at, zone, now)} (${utcText(at)})`}>
      {words}
    </time>
  );
}

interface ChartDateProps {
  date: string | null;
  /** The zone of the chart's location. */
  zone: string;
  now: Date;
}

/** A date of a chart in the local time of its location: `Mar 2`, `Mar 2, 9:30 AM PST`, with the year unless it is this year. */
export function ChartDate({ date, zone, now }: ChartDateProps) {
  if (date === null) return <span class="soft">none</span>;
  if (date.length === 10) return <time datetime={date}>{chartDateText(date, zone, now)}</time>;
  return (
    <time datetime={date} title={utcText(instantIn(date, zone))}>
      {chartDateText(date, zone, now)}
    </time>
  );
}

/** The date of a discharge or transition: `Planned: Dec 2` while it lies in the future. */
export function PlannedDate(props: ChartDateProps) {
  if (!isPlanned(props.date, props.zone, props.now)) return <ChartDate {...props} />;
  return (
    <span>
      Planned: <ChartDate {...props} />
    </span>
  );
}

/** Returns a date of birth for a row of a long list, without an element of its own. */
export function bornText(dob: string | null | undefined): string {
  return dob === null || dob === undefined ? 'none' : dayText(dob);
}

/** A day with its year, such as a date of birth: `Nov 20, 1991`. */
export function Day({ day }: { day: string | null }) {
  if (day === null) return <span class="soft">none</span>;
  return <time datetime={day.slice(0, 10)}>{dayText(day)}</time>;
}
