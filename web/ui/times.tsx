import { durationText, MINUTE_MS } from '../../domain/time.ts';

const day = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' });
const moment = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'UTC', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});

/** An instant: `Mar 2, 10:00`, with the year unless it is this year. */
export function When({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span class="soft">never</span>;
  const far = at.getUTCFullYear() !== now.getUTCFullYear();
  return <time datetime={at.toISOString()}>{far ? `${day.format(at)}, ${clock(at)}` : moment.format(at)}</time>;
}

/** An instant relative to now: `12 min ago`, `in 40 min`. */
export function Ago({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span class="soft">never</span>;
  const ms = at.getTime() - now.getTime();
  const words = Math.abs(ms) < MINUTE_MS ? 'just now' : ms < 0 ? `${durationText(-ms)} ago` : `in ${durationText(ms)}`;
  return (
    <time datetime={at.toISOString()} title={`${day.format(at)}, ${clock(at)} UTC`}>
      {words}
    </time>
  );
}

/** A date of a chart in the time zone of its location: `Mar 2, 2026`, `Mar 2, 2026, 09:30`. */
export function ChartDate({ date }: { date: string | null }) {
  if (date === null) return <span class="soft">none</span>;
  const at = new Date(date.length === 10 || date.endsWith('Z') ? date : `${date}Z`);
  if (Number.isNaN(at.getTime())) return <span>{date}</span>;
  return <time datetime={date}>{date.length === 10 ? day.format(at) : `${day.format(at)}, ${clock(at)}`}</time>;
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 16);
}
