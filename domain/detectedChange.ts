import { addDays, HOUR_MS, instantOf, MINUTE_MS } from './time.ts';
import type { Webhook } from './webhookHealth.ts';

/**
 * How a detected change was judged:
 * - `announced`: a delivery named its chart.
 * - `missed`: no delivery did, although the receiver was up and the delivery had enough time.
 * - `receiver-away`: no delivery did, but the receiver was down for a part of the time, so the delivery may have been lost.
 * - `excused`: it cannot be judged, because the webhook may not have been configured in KIPU yet, because a chart that is
 *   listed for the first time is not new, or because the location of the change is unknown.
 */
export const changeResults = ['announced', 'missed', 'receiver-away', 'excused'] as const;
export type ChangeResult = (typeof changeResults)[number];

/** A detected change and what is known about its webhook. The change was made after `since`. */
export interface UnjudgedChange {
  webhook: Webhook;
  /** The chart is known to have been at the same location before and after the change. */
  atOneLocation: boolean;
  announced: boolean;
  receiverWasUp: boolean;
  since: Date;
  /** The first delivery of the webhook at the chart's location; null before the first. */
  firstDeliveryAt: Date | null;
  /** When the chart was created according to KIPU, a canonical date; null if unknown. */
  chartCreatedAt: string | null;
}

/** Judges one change after its delivery has had time to arrive. */
export function judgeChange(change: UnjudgedChange): ChangeResult {
  const { webhook, atOneLocation, announced, receiverWasUp, since, firstDeliveryAt, chartCreatedAt } = change;
  if (!atOneLocation) return 'excused';
  if (announced) return 'announced';
  if (!receiverWasUp) return 'receiver-away';
  if (firstDeliveryAt !== null && since < firstDeliveryAt) return 'excused';
  return webhook === 'patient-creation' && isOlder(chartCreatedAt, since) ? 'excused' : 'missed';
}

/** Returns true for a chart older than `since`: an old chart can be listed for the first time. A day has ended everywhere two days later. */
function isOlder(createdAt: string | null, since: Date): boolean {
  return createdAt !== null && addDays(instantOf(createdAt), 2) < since;
}

/** The tolerated difference between KIPU's clock and ours. */
const CLOCKS_MS = 2 * MINUTE_MS;
/** KIPU's times have whole seconds: a change may be this much later than its version says. */
const WITHIN_SECOND_MS = 999;

/**
 * Returns the time from which a delivery for the chart counts as announcing a change that was made after `since`. A change
 * made shortly before the last run began may be missing in that run's list, so deliveries up to `graceMs` earlier count. If
 * the change's version is later, deliveries from long before it belong to earlier changes.
 */
export function announcedFrom(since: Date, version: string, graceMs: number): Date {
  const begun = since.getTime();
  if (!version.endsWith('Z')) return new Date(begun - graceMs);
  const made = instantOf(version).getTime();
  if (made > begun + CLOCKS_MS) return new Date(Math.max(begun, made - CLOCKS_MS - graceMs));
  return new Date(Math.min(begun, made + WITHIN_SECOND_MS) - graceMs);
}

/** The location of a chart, with KIPU's ids; null if KIPU has none. */
export interface Place {
  locationId: string | null;
  locationName: string | null;
}

/** Returns the name of a location for texts; null if KIPU has none. */
export function placeName({ locationId, locationName }: Place): string | null {
  return locationName ?? (locationId === null ? null : `location ${locationId}`);
}

/** What a record contains about its chart's location. */
export interface KnownPlace {
  /** As last read; null if the chart was never read or is not stored. */
  chart: Place | null;
  /** When a pull last found the chart at another location than before. */
  movedAt: Date | null;
}

/**
 * Returns the location of a detected change, from its list row and its record; null if it is unknown: the chart was never
 * read, or it moved in the same time span, so that the webhook of either location may have announced it.
 */
export function placeOfChange(listed: Place, record: KnownPlace, since: Date): Place | null {
  const { chart, movedAt } = record;
  if (movedAt !== null && movedAt >= since) return null;
  if (listed.locationId === null) return chart;
  return chart === null || chart.locationId === listed.locationId ? listed : null;
}

/** A delivery about a move may come late. */
const LATE_MS = HOUR_MS;

/**
 * Returns the deliveries for a chart that prove that the webhook of its location works, after a pull has just read that
 * location. None if the chart moved with this pull; only later ones if it moved before.
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
