/** What says whether an instance's referrals are of today. */
export interface FreshnessFacts {
  /** When the last completed run began; null before the first. */
  lastCompletedAt: Date | null;
  /** Charts that the last full runs listed, the newest first. */
  fullRunsListed: readonly number[];
  now: Date;
  withinMs: number;
}

export type FreshnessWarning = 'never-completed' | 'not-fresh' | 'no-charts';

/** Fewer charts than this may well be all gone one day. */
const MANY = 10;

/**
 * What is wrong with an instance's freshness; nothing when it is fresh. A listing that is suddenly empty is a warning
 * too: credentials that lost their rights look like a house without patients.
 */
export function freshnessWarnings(facts: FreshnessFacts): FreshnessWarning[] {
  const { lastCompletedAt, fullRunsListed, now, withinMs } = facts;
  const [last, ...before] = fullRunsListed;
  const empty: FreshnessWarning[] = last === 0 && before.some((listed) => listed >= MANY) ? ['no-charts'] : [];
  if (lastCompletedAt === null) return ['never-completed', ...empty];
  return now.getTime() - lastCompletedAt.getTime() > withinMs ? ['not-fresh', ...empty] : empty;
}

/** What each warning means, in words for the person who can mend it. */
export const freshnessText: Record<FreshnessWarning, string> = {
  'never-completed': 'no run was ever completed: see the last run, or kipu-referrals doctor',
  'not-fresh': 'the last completed run is too long ago: see the last run, or kipu-referrals doctor',
  'no-charts': 'KIPU lists no charts where there were many: have the rights of its credentials changed?',
};
