import stringWidth from 'string-width';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';

export { counted } from '../../domain/counted.ts';

/** Formats a duration in one unit, rounded down: `45 s`, `12 min`, `5 h`, `3 d`. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** Formats how long ago an instant was; null stays null. */
export function ago(at: Date | null, now: Date): string | null {
  return at === null ? null : `${span(now.getTime() - at.getTime())} ago`;
}

/** Formats an instant to the minute, in UTC; null stays null. */
export function minute(at: Date | null): string | null {
  return at === null ? null : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** Formats how often something happened: `once`, `twice`, `3 times`. */
export function times(n: number): string {
  return ['never', 'once', 'twice'][n] ?? `${n} times`;
}

/** Columns of the narrowest terminal that our texts fit. */
const WIDTH = 80;

/** Breaks a text between words; the first line begins with `first`, the others with `indent`. Spaces within a line stay. */
export function wrapped(first: string, text: string, indent: string, width: number = WIDTH): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const [, gap = '', word = ''] of text.matchAll(/(\s*)(\S+)/g)) {
    const longer = isEmpty ? line + word : line + gap + word;
    if (!isEmpty && stringWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
    isEmpty = false;
  }
  return [...lines, line];
}

/** Formats the text below the options of `--help`: a wrapped paragraph, then examples as they are. */
export function helpText(paragraph: string, ...examples: string[]): string {
  return ['', ...wrapped('', paragraph, ''), ...examples].join('\n');
}
