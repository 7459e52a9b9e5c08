/** The prefix of levels of care that utilization review (UR) sets. */
const PREFIX = /^(?:\s*UR\s*LOC\s*:)+\s*/i;

/** Returns a level of care without KIPU's prefix, for display: `UR LOC: IOP` becomes `IOP`. Null if nothing is left. */
export function shownLevelOfCare(levelOfCare: string | null): string | null {
  return levelOfCare?.replace(PREFIX, '').trim() || null;
}
