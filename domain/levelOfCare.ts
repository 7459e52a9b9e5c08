/** What KIPU puts before levels of care that utilization review (UR) sets. */
const PREFIX = /^(?:\s*UR\s*LOC\s*:)+\s*/i;

/** A level of care as people see it, without KIPU's prefix: `UR LOC: IOP` is `IOP`. Null where nothing is left. */
export function shownLevelOfCare(levelOfCare: string | null): string | null {
  return levelOfCare?.replace(PREFIX, '').trim() || null;
}
