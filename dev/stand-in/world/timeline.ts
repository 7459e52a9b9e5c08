import { DAY, HOUR, MINUTE, utcDay, wholeSecond } from './dates.ts';
import type { Chance } from './random.ts';
import type { ChartTemplate } from './templates.ts';

/** The instants in a new chart; `updated` is never after the start of the stand-in. */
export interface Timeline {
  created: Date;
  admitted: Date;
  discharged: Date | null;
  updated: Date;
}

/**
 * Draws the times of a chart that is created from a template.
 * @param after for a readmission: the admission comes after this instant
 */
export function timelineOf(template: ChartTemplate, startedAt: Date, chance: Chance, after?: Date): Timeline {
  const start = wholeSecond(startedAt).getTime();
  const today = Date.parse(utcDay(startedAt));
  if (after) {
    const admitted = after.getTime() + (start - after.getTime()) * (0.2 + 0.4 * chance.next());
    return whole(admitted, admitted, null, admitted + (start - admitted) * chance.next());
  }
  if (template.discharge === 'today') {
    const discharged = today + (start - today) * chance.next();
    const admitted = discharged - chance.int(5, 35) * DAY;
    return whole(
      admitted - 2 * HOUR * chance.next(),
      admitted,
      discharged,
      discharged + (start - discharged) * chance.next(),
    );
  }
  // More than a day and a half, so that "some days ago" is not today in any time zone.
  const updated = start - (1.6 + chance.next() * 18) * DAY;
  const admitted = updated - (3 + chance.next() * 32) * DAY;
  const created = admitted - 2 * HOUR * chance.next();
  if (template.discharge === 'past') return whole(created, admitted, updated - chance.int(0, 180) * MINUTE, updated);
  if (template.discharge === 'ahead')
    return whole(created, admitted, today + chance.int(2, 9) * DAY + 15 * HOUR, updated);
  return whole(created, admitted, null, updated);
}

function whole(created: number, admitted: number, discharged: number | null, updated: number): Timeline {
  return {
    created: wholeSecond(created),
    admitted: wholeSecond(admitted),
    discharged: discharged === null ? null : wholeSecond(discharged),
    updated: wholeSecond(updated),
  };
}
