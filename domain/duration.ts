import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

/** Returns a time span in its largest fitting unit, rounded down: `45 s`, `12 min`, `5 h`, `3 days`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}
