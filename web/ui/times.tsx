const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const day = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' });
const moment = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'UTC', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});

/** `Mar 2, 10:00`, with the year when it is another one. */
export function When({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span class="soft">never</span>;
  const far = at.getUTCFullYear() !== now.getUTCFullYear();
  return <time datetime={at.toISOString()}>{far ? `${day.format(at)}, ${clock(at)}` : moment.format(at)}</time>;
}

/** `12 min ago`, `in 40 min`. */
export function Ago({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span class="soft">never</span>;
  const ms = at.getTime() - now.getTime();
  const words = Math.abs(ms) < MINUTE_MS ? 'just now' : ms < 0 ? `${span(-ms)} ago` : `in ${span(ms)}`;
  return (
    <time datetime={at.toISOString()} title={`${day.format(at)}, ${clock(at)} UTC`}>
      {words}
    </time>
  );
}

/** A length of time in its largest fitting unit: `40 min`, `5 h`, `3 days`. */
export function span(ms: number): string {
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} days`;
}

/** A chart's date as the clocks of its location show it: `Mar 2, 2026`, `Mar 2, 2026, 09:30`. */
export function ChartDate({ date }: { date: string | null }) {
  if (date === null) return <span class="soft">none</span>;
  const at = new Date(date.length === 10 || date.endsWith('Z') ? date : `${date}Z`);
  if (Number.isNaN(at.getTime())) return <span>{date}</span>;
  return <time datetime={date}>{date.length === 10 ? day.format(at) : `${day.format(at)}, ${clock(at)}`}</time>;
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 16);
}
