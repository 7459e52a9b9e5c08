import { chanceOf } from '../../../dev/stand-in/world/random.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const BEGINS = Date.UTC(2026, 0, 1);
export const ENDS = BEGINS + 365 * DAY;

/** How often changes and failures happen at each of a site's locations. */
export interface SiteSpec {
  name: string;
  locations: number;
  /** Whether KIPU's versions have an offset. */
  zoned: boolean;
  /** Per location and day. */
  edits: number;
  admissions: number;
  /** Days between two periods in which a location's webhook is off, and the longest period. */
  offEvery: number;
  offFor: number;
  /** The share of deliveries that take minutes instead of seconds. */
  late: number;
  /** The receiver: short gaps, long outages and days of hourly restarts. */
  shortGaps: number;
  outages: number;
  restartDays: number;
}

export interface Change {
  at: number;
  chart: string;
  kind: 'created' | 'edited' | 'moved' | 'discharged';
  location: number;
}

export interface Span {
  from: number;
  to: number;
}

/** The events at a site in a year. They do not depend on the service. */
export interface Site {
  spec: SiteSpec;
  /** In order. */
  changes: Change[];
  /** When each location's webhook was off. */
  off: Span[][];
  /** When the receiver was up, in order. */
  up: Span[];
}

export function siteOf(spec: SiteSpec, seed: number): Site {
  const chance = chanceOf(seed, spec.name, 'site');
  /** Returns random instants, `perDay` a day on average. */
  const moments = (perDay: number, from = BEGINS, to = ENDS): number[] => {
    const found: number[] = [];
    for (let at = from; ; ) {
      at += Math.ceil((-Math.log(1 - chance.next()) / perDay) * DAY);
      if (at >= to) return found;
      found.push(at);
    }
  };

  const changes: Change[] = [];
  for (let location = 0; location < spec.locations; location += 1) {
    for (const [n, at] of moments(spec.admissions).entries()) {
      const chart = `${location}-${n}`;
      const discharged = at + DAY + Math.floor(chance.next() * 30 * DAY);
      const moved = spec.locations > 1 && chance.odds(0.05) ? at + (discharged - at) / 2 : Infinity;
      const elsewhere = (location + 1) % spec.locations;
      const placed = (when: number) => (when < moved ? location : elsewhere);
      changes.push({ at, chart, kind: 'created', location });
      for (const edit of moments(spec.edits / Math.max(spec.admissions * 16, 1), at, discharged))
        changes.push({ at: edit, chart, kind: 'edited', location: placed(edit) });
      if (moved < Infinity) changes.push({ at: Math.floor(moved), chart, kind: 'moved', location: elsewhere });
      changes.push({ at: discharged, chart, kind: 'discharged', location: placed(discharged) });
    }
  }

  const off = Array.from({ length: spec.locations }, () =>
    moments(1 / spec.offEvery).map((from) => ({ from, to: from + 3 * HOUR + chance.next() * spec.offFor * DAY })),
  );
  const down: Span[] = [
    ...moments(spec.shortGaps / 365).map((from) => ({ from, to: from + chance.int(1, 15) * MINUTE })),
    ...moments(spec.outages / 365).map((from) => ({ from, to: from + chance.int(3, 20) * HOUR })),
    ...moments(spec.restartDays / 365).flatMap((day) =>
      Array.from({ length: chance.int(8, 24) }, (_, n) => {
        const from = day + n * HOUR + chance.int(0, 20) * MINUTE;
        return { from, to: from + 2 * MINUTE };
      }),
    ),
  ];
  return {
    spec,
    changes: changes.filter(({ at }) => at < ENDS).sort((a, b) => a.at - b.at),
    off,
    up: between(down),
  };
}

/** Returns the spans between some spans. */
function between(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  let reached = BEGINS;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (from > reached) found.push({ from: reached, to: from });
    reached = Math.max(reached, to);
  }
  return reached < ENDS ? [...found, { from: reached, to: ENDS }] : found;
}

export function isIn(spans: readonly Span[], at: number): boolean {
  return spans.some(({ from, to }) => from <= at && at < to);
}

/** Returns the latest instant until `at` in one of the sorted spans, or null if there is none. */
export function lastIn(spans: readonly Span[], at: number): number | null {
  let last: number | null = null;
  for (const { from, to } of spans) {
    if (from > at) break;
    last = Math.min(to, at);
  }
  return last;
}
