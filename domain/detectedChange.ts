import { addDays, instantOf } from './time.ts';
import type { Webhook } from './webhookHealth.ts';

/**
 * What became of a detected change:
 * - `announced`: a delivery named its chart.
 * - `missed`: none did, though the receiver was up and the delivery had time enough.
 * - `receiver-away`: none did, but the receiver was not up all the time, so it may have been lost on our side.
 * - `excused`: nobody can tell, because the webhook may not have been entered in KIPU by then, because a chart that we
 *   never saw before is not new, or because it is not known at which location the change was made.
 */
export const changeResults = ['announced', 'missed', 'receiver-away', 'excused'] as const;
export type ChangeResult = (typeof changeResults)[number];

/** A detected change, with what is known of its webhook. It was made after `since`. */
export interface UnjudgedChange {
  webhook: Webhook;
  /** The chart is known to have been at one and the same location before and after the change. */
  atOneLocation: boolean;
  announced: boolean;
  receiverWasUp: boolean;
  since: Date;
  /** Of the webhook at the chart's location; null while none ever came. */
  firstDeliveryAt: Date | null;
  /** When KIPU says that the chart was made, a canonical date; null where it is not known. */
  chartCreatedAt: string | null;
}

/** Judges one change, once its delivery has had time to arrive. */
export function judgeChange(change: UnjudgedChange): ChangeResult {
  const { webhook, atOneLocation, announced, receiverWasUp, since, firstDeliveryAt, chartCreatedAt } = change;
  if (!atOneLocation) return 'excused';
  if (announced) return 'announced';
  if (!receiverWasUp) return 'receiver-away';
  if (firstDeliveryAt !== null && since < firstDeliveryAt) return 'excused';
  return webhook === 'patient-creation' && isOlder(chartCreatedAt, since) ? 'excused' : 'missed';
}

/** An old chart that is edited for the first time in years is listed as one never seen. A day is over two days later in every zone. */
function isOlder(createdAt: string | null, since: Date): boolean {
  return createdAt !== null && addDays(instantOf(createdAt), 2) < since;
}

/** How far KIPU's clock may be from ours. */
const CLOCKS_MS = 2 * 60_000;
/** KIPU's times have whole seconds: a change may have been made so much later than its version says. */
const WITHIN_SECOND_MS = 999;

/**
 * From when on a delivery for the chart announces a change that was detected after `since`. A change made shortly before
 * the last run began may be missing in that run's list, so earlier deliveries count, by `graceMs`. Where the change's version
 * says that it was made later, deliveries from long before it belong to earlier changes.
 */
export function announcedFrom(since: Date, version: string, graceMs: number): Date {
  const begun = since.getTime();
  if (!version.endsWith('Z')) return new Date(begun - graceMs);
  const made = instantOf(version).getTime();
  if (made > begun + CLOCKS_MS) return new Date(Math.max(begun, made - CLOCKS_MS - graceMs));
  return new Date(Math.min(begun, made + WITHIN_SECOND_MS) - graceMs);
}

/** Where a chart is, by the ids that KIPU gives; null where it gives none. */
export interface Place {
  locationId: string | null;
  locationName: string | null;
}

/** What a location is called in texts; null where KIPU names none. */
export function placeName({ locationId, locationName }: Place): string | null {
  return locationName ?? (locationId === null ? null : `location ${locationId}`);
}

/** What a record says about its chart's location. */
export interface KnownPlace {
  /** As last read; null where the chart was never read, or is not kept. */
  chart: Place | null;
  /** When a pull last found the chart at another location than before. */
  movedAt: Date | null;
}

/**
 * The location of a detected change, from its list row and its record; null where it can't be told: the chart was never
 * read, or moved in the same span, so that either location's webhook may have been the one to announce it.
 */
export function placeOfChange(listed: Place, record: KnownPlace, since: Date): Place | null {
  const { chart, movedAt } = record;
  if (movedAt !== null && movedAt >= since) return null;
  if (listed.locationId === null) return chart;
  return chart === null || chart.locationId === listed.locationId ? listed : null;
}

/** A delivery about a move may come late. */
const LATE_MS = 3_600_000;

/**
 * When deliveries that named a chart prove that the webhook of the chart's location works, as a pull has just found it:
 * none where it moved, or did so shortly before.
 */
export function provingDeliveries<Delivery extends { lastReceivedAt: Date }>(
  deliveries: readonly Delivery[],
  before: KnownPlace,
  now: Pick<Place, 'locationId'>,
): Delivery[] {
  if (before.chart !== null && before.chart.locationId !== now.locationId) return [];
  const { movedAt } = before;
  if (movedAt === null) return [...deliveries];
  return deliveries.filter(({ lastReceivedAt }) => lastReceivedAt.getTime() > movedAt.getTime() + LATE_MS);
}
